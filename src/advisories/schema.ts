/** Marks our files: `PRAGMA application_id`, the letters `CVES`. */
export const APPLICATION_ID = 0x43564553;
/** Raised when a reader of the version before could not read the file: it is then built anew. `PRAGMA user_version`. */
export const SCHEMA_VERSION = 3;

/** What a row of `record` holds; the order is that of reading. */
export const RECORD_KIND = { vulnerability: 1, epss: 2, kev: 3, backports: 4, advisories: 5 } as const;

export type RecordKind = (typeof RECORD_KIND)[keyof typeof RECORD_KIND];

/**
 * The tables of a snapshot.
 *
 * Rows that are asked for together lie together: all statements on a package are one row, all facts on a vulnerability are
 * neighbours. Longer texts are asked for seldom, so they lie apart, about ten vulnerabilities of a source to a compressed page. A column named
 * `lines` is a page: JSON values, one a line and sorted, TEXT while it is short, a zstd BLOB beyond (`page.ts`). Pages are a
 * function of their content, whatever was stored before.
 */
export const SCHEMA = `
CREATE TABLE namespace (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE source (
  number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, updated_at TEXT NOT NULL, edition TEXT NOT NULL,
  part_count INTEGER NOT NULL, record_count INTEGER NOT NULL, problem_count INTEGER NOT NULL);

-- What was read of each source, and which of it follows from which document.
CREATE TABLE document (
  number INTEGER PRIMARY KEY, source INTEGER NOT NULL, name TEXT NOT NULL, revision TEXT NOT NULL, is_delta INTEGER NOT NULL,
  UNIQUE (source, name));
CREATE TABLE part (
  number INTEGER PRIMARY KEY, source INTEGER NOT NULL, name TEXT NOT NULL, document INTEGER NOT NULL, revision TEXT NOT NULL,
  hash BLOB NOT NULL, record_count INTEGER NOT NULL,
  holds INTEGER NOT NULL, -- bits: which kinds of rows there are beside records
  ids ANY, -- a page of the vulnerability ids that its rows name; NULL where that is its own name alone
  UNIQUE (source, name));
CREATE TABLE problem (source INTEGER NOT NULL, document TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, path TEXT);
CREATE INDEX problem_of_source ON problem (source, document);

-- Every statement of one source on one package name in one namespace.
CREATE TABLE advisory (
  namespace INTEGER NOT NULL, package TEXT NOT NULL, source INTEGER NOT NULL, lines ANY NOT NULL,
  PRIMARY KEY (namespace, package, source)) WITHOUT ROWID;
CREATE TABLE target (
  number INTEGER PRIMARY KEY, namespace INTEGER NOT NULL, package TEXT NOT NULL, UNIQUE (namespace, package));

-- Facts on a vulnerability by kind; kind 5 says for which targets a part holds advisories on it.
CREATE TABLE record (
  id TEXT NOT NULL, kind INTEGER NOT NULL, source INTEGER NOT NULL, part INTEGER NOT NULL, body ANY NOT NULL,
  PRIMARY KEY (id, kind, source, part)) WITHOUT ROWID;
CREATE TABLE text (bucket TEXT NOT NULL, source INTEGER NOT NULL, lines ANY NOT NULL, UNIQUE (bucket, source));

-- Configurations name match criteria by product and place in the product's list: each is stored once.
CREATE TABLE cpe_product (
  number INTEGER PRIMARY KEY, product TEXT NOT NULL, vendor TEXT NOT NULL, lines ANY NOT NULL, UNIQUE (product, vendor));
CREATE TABLE cpe_link (
  product INTEGER NOT NULL, id TEXT NOT NULL, part INTEGER NOT NULL, is_vulnerable INTEGER NOT NULL,
  PRIMARY KEY (product, id, part)) WITHOUT ROWID;
CREATE TABLE cpe_configuration (
  id TEXT NOT NULL, source INTEGER NOT NULL, part INTEGER NOT NULL, tree BLOB NOT NULL,
  PRIMARY KEY (id, source, part)) WITHOUT ROWID;

-- Aliases as sources state them, and what follows: the groups, the coverage, the id.
CREATE TABLE alias_statement (
  part INTEGER NOT NULL, id TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (part, id, other)) WITHOUT ROWID;
CREATE TABLE alias (id TEXT NOT NULL, canonical TEXT NOT NULL, PRIMARY KEY (id, canonical)) WITHOUT ROWID;
CREATE INDEX alias_by_canonical ON alias (canonical);
CREATE TABLE coverage (
  namespace INTEGER NOT NULL, source INTEGER NOT NULL, until TEXT, PRIMARY KEY (namespace, source)) WITHOUT ROWID;
CREATE TABLE snapshot (id TEXT NOT NULL);
`;
