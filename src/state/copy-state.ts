import { type Kysely, sql } from 'kysely';
import { ScannerError } from '../model/errors.ts';
import type { State, WriteTransaction } from './state.ts';

/** What is of the running servers, or of the schema itself: not copied. */
const NOT_COPIED = ['migration', 'lock', 'instance', 'sqlite_sequence'];

const ROWS_AT_ONCE = 500;
/** Rows that hold bytes may be large. */
const BYTE_ROWS_AT_ONCE = 16;

/** A table as it is made in every database. */
interface TableShape {
  readonly name: string;
  readonly key: readonly string[];
  readonly holdsBytes: boolean;
  /** A number that the database gives. */
  readonly idColumn?: string;
  /** Tables that its rows point to. */
  readonly references: readonly string[];
}

/** How much was copied. */
export interface CopiedState {
  readonly tableCount: number;
  readonly rowCount: number;
}

/**
 * Copies all rows of one state, as they are at one moment, into another, whose own rows go. Both have the schema of this program, and
 * one of the two is SQLite. All or nothing.
 *
 * @throws ScannerError `state.unavailable`.
 */
export async function copyState(from: State, to: State): Promise<CopiedState> {
  const shapes = await readShapes(from.dialect === 'sqlite' ? from : to);
  return from.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute((reader) =>
      to.write(async (writer) => {
        for (const { name } of shapes.toReversed()) await sql`delete from ${table(to, name)}`.execute(writer);
        let rowCount = 0;
        for (const shape of shapes) rowCount += await copyTable(shape, { from, reader, to, writer });
        return { tableCount: shapes.length, rowCount };
      }),
    );
}

/** Whether a state holds anything that a copy into it would remove. */
export async function isStateUsed(state: State): Promise<boolean> {
  const { rows } = await sql<{ used: number }>`
    select (select count(*) from ${table(state, 'layer')}) + (select count(*) from ${table(state, 'token')})
      + (select count(*) from ${table(state, 'own_vulnerability')}) + (select count(*) from ${table(state, 'job')}) as used
  `.execute(state.db);
  return Number(rows[0]!.used) > 0;
}

interface Ends {
  readonly from: State;
  readonly reader: Kysely<never> | WriteTransaction;
  readonly to: State;
  readonly writer: WriteTransaction;
}

type Row = Readonly<Record<string, unknown>>;

/** Page by page, along the primary key. */
async function copyTable(shape: TableShape, ends: Ends): Promise<number> {
  const { name, key, holdsBytes, idColumn } = shape;
  const limit = holdsBytes ? BYTE_ROWS_AT_ONCE : ROWS_AT_ONCE;
  const columns = sql.join(key.map((column) => sql.ref(column)));
  let rowCount = 0;
  for (let last: Row | undefined; ; ) {
    const after = last ? sql`where (${columns}) > (${sql.join(key.map((column) => last![column]))})` : sql``;
    const page = sql<Row>`select * from ${table(ends.from, name)} ${after} order by ${columns} limit ${sql.lit(limit)}`;
    const { rows } = await page.execute(ends.reader as WriteTransaction);
    if (rows.length > 0) await insert(ends, name, rows);
    rowCount += rows.length;
    last = rows.at(-1);
    if (rows.length < limit) break;
  }
  if (idColumn !== undefined && ends.to.dialect === 'postgres') await continueNumbers(ends, name, idColumn);
  return rowCount;
}

async function insert({ to, writer }: Ends, name: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0]!);
  const values = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`);
  const names = sql.join(columns.map((column) => sql.ref(column)));
  await sql`insert into ${table(to, name)} (${names}) values ${sql.join(values)}`.execute(writer);
}

/** The next number that PostgreSQL gives is above those that were copied; SQLite sees to that itself. */
async function continueNumbers({ to, writer }: Ends, name: string, column: string): Promise<void> {
  const sequence = sql`pg_get_serial_sequence(${`cvescan.${name}`}, ${column})`;
  await sql`select setval(${sequence}, (select coalesce(max(${sql.ref(column)}), 0) + 1 from ${table(to, name)}), false)`.execute(
    writer,
  );
}

function table({ dialect }: State, name: string) {
  return dialect === 'postgres' ? sql.table(`cvescan.${name}`) : sql.table(name);
}

/** Of SQLite, which tells of tables most simply; those that others point to come first. */
async function readShapes({ db }: State): Promise<readonly TableShape[]> {
  const { rows } = await sql<{ name: string; sql: string }>`
    select name, sql from sqlite_schema where type = 'table' order by name
  `.execute(db);
  const shapes: TableShape[] = [];
  for (const { name, sql: text } of rows) {
    if (NOT_COPIED.includes(name)) continue;
    const columns = await sql<{ name: string; type: string; pk: number }>`
      select name, type, pk from pragma_table_info(${name})
    `.execute(db);
    const references = await sql<{ table: string }>`select "table" from pragma_foreign_key_list(${name})`.execute(db);
    const key = columns.rows.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    if (key.length === 0) throw new ScannerError('state.newer', `the table ${name} has no key to copy it by`);
    shapes.push({
      name,
      key: key.map((column) => column.name),
      holdsBytes: columns.rows.some(({ type }) => type.toLowerCase() === 'blob'),
      ...(/\bautoincrement\b/i.test(text) && { idColumn: key[0]!.name }),
      references: references.rows.map(({ table: target }) => target),
    });
  }
  return inOrder(shapes);
}

function inOrder(shapes: readonly TableShape[]): readonly TableShape[] {
  const ordered: TableShape[] = [];
  const add = (shape: TableShape): void => {
    if (ordered.includes(shape)) return;
    for (const target of shape.references) {
      const before = shapes.find(({ name }) => name === target);
      if (before && before !== shape) add(before);
    }
    ordered.push(shape);
  };
  for (const shape of shapes) add(shape);
  return ordered;
}
