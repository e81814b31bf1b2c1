"""The cluster's part of a rendered overlay, played by processes of this machine: no container engine, no cluster."""
