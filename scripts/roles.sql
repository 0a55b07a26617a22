-- What only a superuser may make, in the database that this is run in: the roles of Titik and the extensions. The private
-- cluster of a trial makes the same by itself (app/cluster.py). It may be run again; the passwords are then those of now.
--
--   TITIK_OWNER_PASSWORD=… TITIK_SERVICE_PASSWORD=… psql -d titik -f scripts/roles.sql

\set ON_ERROR_STOP on
\getenv owner_password TITIK_OWNER_PASSWORD
\getenv service_password TITIK_SERVICE_PASSWORD

SELECT format('CREATE ROLE %I %s', name, options)
  FROM (VALUES ('titik_owner', 'LOGIN'), ('titik_service', 'LOGIN NOINHERIT'), ('titik_public', 'NOLOGIN'), ('titik_internal', 'NOLOGIN'))
       AS wanted (name, options)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec
ALTER ROLE titik_owner PASSWORD :'owner_password';
ALTER ROLE titik_service PASSWORD :'service_password';
GRANT titik_public, titik_internal TO titik_service;

SELECT format('ALTER DATABASE %I OWNER TO titik_owner', current_database())
\gexec
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO titik_owner;

CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS unaccent;
