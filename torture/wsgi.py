"""The tortured site for gunicorn's own workers, which run requests in transactions."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torture.settings")
application = get_wsgi_application()
