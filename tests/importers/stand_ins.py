"""Packages that are not installed here: their tables in memory, and what else sources ask of them.

A query is answered as the database would answer it, so that a condition that a source forgets
shows. `peers/` asks the packages themselves.
"""

import sys
from functools import reduce
from types import ModuleType, SimpleNamespace

from django.apps import apps
from django.db.models import F

__all__ = ["Device", "Packages", "Row"]


class Row:
    """A row with these columns."""

    def __init__(self, **columns):
        self.__dict__.update(columns)


class Device(Row):
    """What every kind of device extends at django-otp."""

    __module__ = "django_otp.models"


class _Rows(list):
    """The methods of a query set that sources use."""

    def filter(self, **conditions):
        return _Rows(row for row in self if _meets(row, conditions))

    def exclude(self, **conditions):
        return _Rows(row for row in self if not _meets(row, conditions))

    def order_by(self, column):
        return _Rows(sorted(self, key=lambda row: getattr(row, column)))

    def defer(self, column):
        return self

    def annotate(self, **columns):
        for name, expression in columns.items():
            named = isinstance(expression, F)
            (source,) = [expression] if named else expression.get_source_expressions()
            for row in self:
                setattr(row, name, _value(row, source.name))
        return self

    def values_list(self, *columns, flat=False):
        tuples = [tuple(_value(row, column) for column in columns) for row in self]
        return [first for (first,) in tuples] if flat else tuples


def _meets(row, conditions):
    return all(
        _value(row, path.removesuffix("__in")) in wanted
        if path.endswith("__in")
        else _value(row, path) == wanted
        for path, wanted in conditions.items()
    )


def _value(row, path):
    return reduce(getattr, path.split("__"), row)


class Packages:
    """What is installed beside this package."""

    def __init__(self, monkeypatch):
        self._monkeypatch = monkeypatch
        self._models = {}
        self._names = set()
        self._real_model = apps.get_model
        real = apps.get_app_configs()
        monkeypatch.setattr(apps, "get_app_configs", lambda: [*real, *self._configs()])
        monkeypatch.setattr(apps, "get_models", self._models.values)
        monkeypatch.setattr(apps, "get_model", self._model)
        monkeypatch.setattr(apps, "is_installed", self._names.__contains__)

    def installed(self, package):
        """Have `package` in INSTALLED_APPS, whether or not it has tables."""
        self._names.add(package)

    def table(self, package, name, *rows, base=Row):
        """Have a model `name` in `package`, with a row for each dictionary of columns."""
        model = type(name, (base,), {"__module__": f"{package}.models"})
        kept = _Rows(model(**{"pk": pk} | row) for pk, row in enumerate(rows, 1))
        model._base_manager = SimpleNamespace(using=lambda alias: kept)
        self._models[package, name] = model
        return kept

    def function(self, module, name, function):
        """Have `function` under this name in `module`."""
        stand_in = ModuleType(module)
        setattr(stand_in, name, function)
        self._monkeypatch.setitem(sys.modules, module, stand_in)

    def _configs(self):
        for package, name in self._models:
            yield SimpleNamespace(
                name=package,
                models={name.lower()},
                get_model=lambda asked, package=package: self._models[package, asked],
            )

    def _model(self, label, *others, **options):
        return self._models.get(tuple(label.split("."))) or self._real_model(
            label, *others, **options
        )
