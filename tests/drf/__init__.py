"""What only the Django REST Framework door has: helpers, serializers, throttles, transactions."""
