"""What is on which dashboard."""

from deploy.dashboards.boards import engines, gateway, services, symptoms, workers

BOARDS = {
    "symptoms": symptoms.BOARD,
    "services": services.BOARD,
    "gateway": gateway.BOARD,
    "workers": workers.BOARD,
    "engines": engines.BOARD,
}
