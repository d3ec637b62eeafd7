#!/bin/sh
# One role and one schema a service; no role reads another's. Run once, by the Postgres image, on an empty data folder.
set -eu
for role in environment_registry infra_engine cluster_bootstrapper state_backend_manager; do
  psql -v ON_ERROR_STOP=1 -v role="$role" -v password="$SERVICE_PASSWORD" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE SCHEMA :"role" AUTHORIZATION :"role";
ALTER ROLE :"role" SET search_path = :"role";
SQL
done
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c 'REVOKE ALL ON SCHEMA public FROM PUBLIC'
