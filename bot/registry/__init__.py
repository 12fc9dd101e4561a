"""The only code that talks to Azure Container Registry."""
