"""A stand-in for Azure Container Registry and for the identity endpoint of a managed identity."""
