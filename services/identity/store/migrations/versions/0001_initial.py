"""Identity's first tables, the kit's among them, and the guard of the audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


_GUARD = """
create function refuse_audit_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is only ever appended to';
end
$$
"""


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
        sa.UniqueConstraint("phone"),
    )
    op.create_table(
        "admin_secret",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("claim_time", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name="admin_secret_only_one"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "answered_request",
        sa.Column("caller_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("caller_id", "request_id"),
    )
    op.create_index(
        "answered_request_create_time", "answered_request", ["create_time"], unique=False, postgresql_using="brin"
    )
    op.create_table(
        "audit_event",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
    )
    op.create_index("audit_event_patient", "audit_event", ["patient_id", "sequence"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name="audit_head_only_one"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "handled_event",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("handle_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_index(
        "handled_event_handle_time", "handled_event", ["handle_time"], unique=False, postgresql_using="brin"
    )
    op.create_table(
        "one_time_code",
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("phone"),
    )
    op.create_table(
        "organization",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organization_id"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
        sa.Column("create_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "parked_event",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("park_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_table(
        "rate_use",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("full_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_rate_use_full_at", "rate_use", ["full_at"], unique=False)
    op.create_table(
        "signing_key",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("activate_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_table(
        "account_role",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.PrimaryKeyConstraint("account_id", "role"),
    )
    op.create_table(
        "care_grant",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expiry_told", sa.Boolean(), nullable=False),
        sa.CheckConstraint("num_nonnulls(account_id, organization_id) = 1", name="care_grant_one_grantee"),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["account.account_id"]),
        sa.PrimaryKeyConstraint("grant_id"),
    )
    op.create_index(
        "care_grant_to_tell",
        "care_grant",
        ["expire_time"],
        unique=False,
        postgresql_where="not expiry_told and revoke_time is null",
    )
    op.create_index("ix_care_grant_account_id", "care_grant", ["account_id"], unique=False)
    op.create_index("ix_care_grant_organization_id", "care_grant", ["organization_id"], unique=False)
    op.create_index("ix_care_grant_patient_id", "care_grant", ["patient_id"], unique=False)
    op.create_table(
        "device",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("push_token", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.PrimaryKeyConstraint("device_id"),
        sa.UniqueConstraint("push_token"),
    )
    op.create_index("ix_device_account_id", "device", ["account_id"], unique=False)
    op.create_table(
        "invite",
        sa.Column("invite_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grant_expire_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accept_time", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["account.account_id"]),
        sa.PrimaryKeyConstraint("invite_id"),
        sa.UniqueConstraint("code_hash", name="invite_code_hash"),
    )
    op.create_index("ix_invite_patient_id", "invite", ["patient_id"], unique=False)
    op.create_table(
        "licence",
        sa.Column("licence_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("hospital_grade", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("expiry_date", sa.Date(), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("submit_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("review_note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.PrimaryKeyConstraint("licence_id"),
    )
    op.create_index("ix_licence_account_id", "licence", ["account_id"], unique=False)
    op.create_index(
        "licence_number_in_use",
        "licence",
        ["role", "number"],
        unique=True,
        postgresql_where="state in ('submitted', 'approved')",
    )
    op.create_table(
        "membership",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("manager", sa.Boolean(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        sa.PrimaryKeyConstraint("organization_id", "account_id"),
    )
    op.create_index("ix_membership_account_id", "membership", ["account_id"], unique=False)
    op.create_table(
        "second_factor",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("confirm_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "session",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device_name", sa.String(), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refresh_hash", sa.LargeBinary(), nullable=False),
        sa.Column("refresh_expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_refresh_hash", sa.LargeBinary(), nullable=True),
        sa.Column("previous_request_id", sa.Uuid(), nullable=True),
        sa.Column("trade_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"], unique=False)
    op.create_index("ix_session_refresh_expire_time", "session", ["refresh_expire_time"], unique=False)
    op.execute(_GUARD)
    op.execute(
        "create trigger audit_event_is_kept before update or delete on audit_event "
        "for each row execute function refuse_audit_change()"
    )
    op.execute(
        "create trigger audit_event_is_not_emptied before truncate on audit_event "
        "for each statement execute function refuse_audit_change()"
    )


def downgrade() -> None:
    op.drop_index("ix_session_refresh_expire_time", table_name="session")
    op.drop_index("ix_session_account_id", table_name="session")
    op.drop_table("session")
    op.drop_table("second_factor")
    op.drop_index("ix_membership_account_id", table_name="membership")
    op.drop_table("membership")
    op.drop_index("licence_number_in_use", table_name="licence", postgresql_where="state in ('submitted', 'approved')")
    op.drop_index("ix_licence_account_id", table_name="licence")
    op.drop_table("licence")
    op.drop_index("ix_invite_patient_id", table_name="invite")
    op.drop_table("invite")
    op.drop_index("ix_device_account_id", table_name="device")
    op.drop_table("device")
    op.drop_index("ix_care_grant_patient_id", table_name="care_grant")
    op.drop_index("ix_care_grant_organization_id", table_name="care_grant")
    op.drop_index("ix_care_grant_account_id", table_name="care_grant")
    op.drop_index(
        "care_grant_to_tell", table_name="care_grant", postgresql_where="not expiry_told and revoke_time is null"
    )
    op.drop_table("care_grant")
    op.drop_table("account_role")
    op.drop_table("signing_key")
    op.drop_index("ix_rate_use_full_at", table_name="rate_use")
    op.drop_table("rate_use")
    op.drop_table("parked_event")
    op.drop_table("outbox")
    op.drop_table("organization")
    op.drop_table("one_time_code")
    op.drop_index("handled_event_handle_time", table_name="handled_event", postgresql_using="brin")
    op.drop_table("handled_event")
    op.drop_table("audit_head")
    op.drop_index("audit_event_patient", table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_index("answered_request_create_time", table_name="answered_request", postgresql_using="brin")
    op.drop_table("answered_request")
    op.drop_table("admin_secret")
    op.drop_table("account")
    op.execute("drop function refuse_audit_change")
