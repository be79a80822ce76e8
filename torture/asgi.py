"""The tortured site for uvicorn, granian and gunicorn."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torture.settings")
application = get_asgi_application()
