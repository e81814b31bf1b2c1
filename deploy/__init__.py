"""How Apricot gets onto a cluster: the image, the manifests, and their rehearsal on one machine."""
