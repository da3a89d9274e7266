-- What PostgreSQL's catalogue says of a database's things: each statement gives names, and what is said of each.
-- Only what is the database's own: what extensions bring is theirs, pg_* and information_schema are the server's. It is
-- said so that it depends neither on object ids, nor on the order in which things were made, nor on who reads it.

--- with
WITH
    brought AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
    schema AS (
        SELECT * FROM pg_namespace n WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
            AND NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_namespace'::regclass AND objid = n.oid)),
    class AS (
        SELECT c.*, c.oid::regclass::text AS name FROM pg_class c JOIN schema s ON s.oid = c.relnamespace
        WHERE NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_class'::regclass AND objid = c.oid)),
    function AS (
        SELECT p.*, p.oid::regprocedure::text AS name FROM pg_proc p JOIN schema s ON s.oid = p.pronamespace
        WHERE NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_proc'::regclass AND objid = p.oid)),
    base AS (SELECT * FROM pg_database WHERE datname = current_database())

--- schema
SELECT nspname, 'there' FROM schema

--- column
SELECT name || '.' || attname, concat_ws(' ', format_type(atttypid, atttypmod),
    CASE WHEN attnotnull THEN 'not null' END, CASE WHEN attidentity <> '' THEN 'identity ' || attidentity::text END,
    CASE WHEN attgenerated <> '' THEN 'generated' END, 'default ' || pg_get_expr(adbin, adrelid))
FROM class JOIN pg_attribute ON attrelid = class.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = class.oid AND adnum = attnum
WHERE relkind IN ('r', 'p', 'f')

--- sequence
SELECT name, format('%s from %s by %s, %s to %s%s', format_type(seqtypid, NULL), seqstart, seqincrement, seqmin, seqmax,
    CASE WHEN seqcycle THEN ', cycles' ELSE '' END)
FROM class JOIN pg_sequence ON seqrelid = class.oid

--- sequence value
SELECT name, coalesce(pg_sequence_last_value(oid)::text, 'unused') FROM class WHERE relkind = 'S'

--- constraint
SELECT name || '.' || conname, pg_get_constraintdef(k.oid) || CASE WHEN convalidated THEN '' ELSE ', not valid' END
FROM pg_constraint k JOIN class ON class.oid = conrelid

--- index
SELECT name, pg_get_indexdef(indexrelid) || CASE WHEN indisvalid THEN '' ELSE ', not valid' END
FROM pg_index JOIN class ON class.oid = indexrelid

--- view
SELECT name, md5(pg_get_viewdef(oid)) FROM class WHERE relkind IN ('v', 'm')

--- function
SELECT name, md5(CASE prokind WHEN 'a' THEN 'aggregate' ELSE pg_get_functiondef(oid) END) FROM function

--- trigger
SELECT name || '.' || tgname, pg_get_triggerdef(t.oid) || ', ' || tgenabled::text
FROM pg_trigger t JOIN class ON class.oid = tgrelid WHERE NOT tgisinternal

--- type
SELECT t.oid::regtype::text, typtype::text || coalesce(': ' || (
    SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid), '')
FROM pg_type t JOIN schema s ON s.oid = typnamespace
WHERE typtype IN ('e', 'd') AND NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_type'::regclass AND objid = t.oid)

--- policy
SELECT format('%I.%I.%I', schemaname, tablename, policyname),
    concat_ws(' ', permissive, cmd, roles::text, qual, with_check)
FROM pg_policies

--- event trigger
SELECT evtname, evtevent::text || ' ' || evtfoid::regproc::text || ' ' || evtenabled::text FROM pg_event_trigger

--- extension
SELECT extname, extversion FROM pg_extension

--- owner
SELECT name, pg_get_userbyid(relowner) FROM class WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
UNION ALL SELECT 'schema ' || nspname, pg_get_userbyid(nspowner) FROM schema
UNION ALL SELECT name, pg_get_userbyid(proowner) FROM function

--- grant
-- Rights as they are in force: a restore may state what was nobody's word but the default before.
SELECT name, array_to_string(array(SELECT unnest(rights)::text ORDER BY 1), ' ') FROM (
    SELECT name, coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)) AS rights
    FROM class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL SELECT name || '.' || attname, attacl FROM class JOIN pg_attribute ON attrelid = class.oid
    WHERE attacl IS NOT NULL
    UNION ALL SELECT 'schema ' || nspname, coalesce(nspacl, acldefault('n', nspowner)) FROM schema
    UNION ALL SELECT name, coalesce(proacl, acldefault('f', proowner)) FROM function
    UNION ALL SELECT 'this database', coalesce(datacl, acldefault('d', datdba)) FROM base
    UNION ALL SELECT concat_ws(' ', 'new', defaclobjtype::text, 'of', pg_get_userbyid(defaclrole), nspname), defaclacl
    FROM pg_default_acl LEFT JOIN schema ON schema.oid = defaclnamespace
) AS granted

--- role
SELECT rolname, concat_ws(' ', CASE WHEN rolsuper THEN 'superuser' END, CASE WHEN rolinherit THEN 'inherits' END,
    CASE WHEN rolcreaterole THEN 'createrole' END, CASE WHEN rolcreatedb THEN 'createdb' END,
    CASE WHEN rolcanlogin THEN 'login' END, CASE WHEN rolreplication THEN 'replication' END,
    CASE WHEN rolbypassrls THEN 'bypassrls' END, 'connections ' || rolconnlimit, 'until ' || rolvaliduntil,
    'in ' || (SELECT string_agg(roleid::regrole::text, ',' ORDER BY roleid::regrole::text)
        FROM pg_auth_members WHERE member = r.oid))
FROM pg_roles r WHERE rolname !~ '^pg_'

--- setting
SELECT 'encoding', pg_encoding_to_char(encoding) FROM base
UNION ALL SELECT 'collation', datcollate FROM base
UNION ALL SELECT 'character type', datctype FROM base
UNION ALL SELECT concat_ws(' ', 'of', CASE setrole WHEN 0 THEN 'everybody' ELSE setrole::regrole::text END,
    CASE setdatabase WHEN 0 THEN 'everywhere' ELSE 'here' END),
    array_to_string(array(SELECT unnest(setconfig) ORDER BY 1), ' ')
FROM pg_db_role_setting WHERE setdatabase IN (0, (SELECT oid FROM base))

--- large object
SELECT oid::text, md5(lo_get(oid)) FROM pg_largeobject_metadata
