from django.contrib import admin
from django.urls import path

from moviedb.first_admin import first_admin

urlpatterns = [
    path("admin/setup/<str:token>/", first_admin, name="first-admin"),
    path("admin/", admin.site.urls),
]
