"""The tokens of programs: made here, shown once, revoked here, never changed."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from catalog import services
from catalog.admin.bases import ModelAdmin, ModelForm, display
from catalog.admin.options import moment
from catalog.registers import Token
from catalog.values import Scope


class TokenForm(ModelForm):
    """What a new token is to be good for."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, scope.value) for scope in Scope], widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = Token
        fields = ("name", "scopes", "expires")

    def clean_scopes(self) -> str:
        return " ".join(self.cleaned_data["scopes"])

    def clean_expires(self) -> datetime | None:
        expires: datetime | None = self.cleaned_data["expires"]
        if expires is not None and expires <= timezone.now():
            raise ValidationError("The expiry must be in the future.")
        return expires


@admin.register(Token)
class TokenAdmin(ModelAdmin):
    form = TokenForm
    list_display = ("name", "shown_hint", "scopes", "state", "expires", "shown_last_use")
    search_fields = ("name",)
    actions = ("revoke",)
    fields = ("name", "scopes", "expires")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  Django's call
        return False

    def save_model(self, request: HttpRequest, obj: Token, form: Any, change: Any) -> None:  # noqa: ARG002  Django's call
        obj.pk, obj.text = services.create_token(
            name=obj.name, scopes=[Scope(each) for each in obj.scopes.split()], expires=obj.expires
        )

    def response_add(self, request: HttpRequest, obj: Token, post_url_continue: str | None = None) -> HttpResponse:  # noqa: ARG002
        """The only page that shows the token; the admin lets no cache keep its pages, and no session does."""
        context = {**self.admin_site.each_context(request), "title": f"Token for {obj.name}", "text": obj.text}
        return TemplateResponse(request, "catalog/admin/token_made.html", context)

    @display(description="ends in")
    def shown_hint(self, token: Token) -> str:
        return f"…{token.hint}"

    @display(description="state", label={"holds": "success", "revoked": "danger"})
    def state(self, token: Token) -> str:
        return "revoked" if token.revoked else "holds"

    @display(description="last use", ordering="last_used")
    def shown_last_use(self, token: Token) -> str:
        return moment(token.last_used) if token.last_used else "never"

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Token]) -> None:
        number = 0
        for name in queryset.filter(revoked=None).values_list("name", flat=True):
            services.revoke_token(name=name)
            number += 1
        messages.success(request, f"Revoked: {number}. They let nobody in any more.")
