"""Grafana's dashboards: written here, drawn here, shown there."""
