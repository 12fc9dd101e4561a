"""acr-janitor: cleans up Azure Container Registry together with the people who own the images."""
