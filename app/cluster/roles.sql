-- What only a superuser may make, in the database that this is run in: the roles of Titik and the extensions. The private
-- cluster of a trial makes the same by itself (app/cluster/__init__.py). It may be run again; the passwords are then those of now.
--
--   titik db roles | TITIK_OWNER_PASSWORD=… TITIK_SERVICE_PASSWORD=… psql -d titik

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

-- SRGI2013, the datum of Indonesia, and its UTM zones: PROJ has known them for years, the list of PostGIS 3.3 does not.
INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, proj4text)
SELECT 9470, 'EPSG', 9470, '+proj=longlat +ellps=WGS84 +no_defs'
 UNION ALL
SELECT 9440 + zone, 'EPSG', 9440 + zone, format('+proj=utm +zone=%s +south +ellps=WGS84 +units=m +no_defs', zone)
  FROM generate_series(47, 54) AS zone
    ON CONFLICT DO NOTHING;
