-- Two views of announced results for people's own tools (Power BI, Metabase, Excel …), and a role that sees nothing else.
-- PostgreSQL. Run it as the owner of the portal's tables, as often as you like; docs/bi.md says how. No migration knows of it.
--
-- Whoever signs in with the role reads the announced results of ALL units. Units' own programs use /api/v1/ instead.

CREATE SCHEMA IF NOT EXISTS bi;

CREATE OR REPLACE VIEW bi.results AS
SELECT service.slug AS service,
       fact.call_id AS call,
       fact.period_code AS period,
       fact.period_starts AS period_starts,
       unit.code AS unit_code,
       report.unit_name AS unit_name,
       fact.kind AS unit_kind,
       fact.peers AS peers,
       report.tracking_code AS tracking_code,
       version.number AS result_version,
       fact.total AS total,
       fact.missed AS missed
FROM reports_resultfact fact
JOIN reports_report report ON report.id = fact.report_id
JOIN reports_resultversion version ON version.id = fact.version_id
JOIN units_unit unit ON unit.id = fact.unit_id
JOIN reports_call call ON call.id = fact.call_id
JOIN sla_agreementversion agreement ON agreement.id = call.agreement_id
JOIN sla_service service ON service.id = agreement.service_id;

CREATE OR REPLACE VIEW bi.facts AS
SELECT result.service, result.call, result.period, result.period_starts, result.unit_code, result.unit_name, result.unit_kind,
       result.peers, result.tracking_code, result.result_version,
       fact.indicator, fact.section, fact.state,
       fact.claimed_numerator, fact.claimed_denominator, fact.claimed_value,
       fact.numerator, fact.denominator, fact.value,
       fact.points, fact.weight, fact.standard, fact.direction, fact.aggregate, fact.scale, fact.weightby
FROM reports_indicatorfact fact
JOIN reports_report report ON report.id = fact.result_id
JOIN bi.results result ON result.tracking_code = report.tracking_code;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_bi') THEN
        CREATE ROLE portal_bi NOLOGIN;
    END IF;
END
$$;

REVOKE ALL ON SCHEMA bi FROM PUBLIC;
GRANT USAGE ON SCHEMA bi TO portal_bi;
GRANT SELECT ON bi.results, bi.facts TO portal_bi;
