import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gunzip } from 'node:zlib';
import { ScannerError } from '../model/errors.ts';
import type { ScanReport } from '../model/scan-report.ts';
import { jsonFormat } from '../reports/formats/json.ts';
import { countsOf } from '../reports/report-counts.ts';
import { kernelMaterialOf } from '../scan/kernel-material.ts';
import { type OpenReport, type ScanOptions, scan } from '../scan/scan.ts';
import { readSourceChoice } from '../scan/source-choice.ts';
import type { Payload } from '../wire/jobs-v1/client.ts';
import {
  type LeaseAnswer,
  MAX_REPORT_BYTES,
  MAX_SBOM_BYTES,
  MAX_UNPACKED_REPORT_BYTES,
  type ScanOptions as WireOptions,
} from '../wire/jobs-v1/schemas.ts';
import { type ImageTargetOptions, openImageTarget } from './image-target.ts';

export type ScanWork = Extract<LeaseAnswer['job'], { type: 'scan' }>;

export interface ScanJobOptions {
  readonly databaseDirectory: string;
  readonly cacheDirectory: string;
  readonly image: ImageTargetOptions;
  readonly now: () => Date;
  readonly onStage: NonNullable<ScanOptions['onStage']>;
  readonly maxSbomBytes?: number;
  readonly maxReportBytes?: number;
  readonly maxUnpackedReportBytes?: number;
}

/** What a scan came to. */
export interface ScanJobResult {
  /** The report in our own JSON, gzip. */
  readonly report: Buffer;
  readonly snapshotId: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** As G3 of the decisions has it: a report says where a source is older. */
const MAX_SOURCE_AGE_MS = 7 * 86_400_000;

/**
 * Does a scan job: reads and checks the document (or gets the image), detects, consolidates, filters the flaws of a kernel where there
 * is one, and packs the report.
 *
 * @param document of a job whose target is an SBOM.
 * @throws ScannerError `document.digest-mismatch`, `report.too-large`, and what `openImageTarget` and `scan` throw.
 */
export async function scanJob(
  { target, options, name }: ScanWork,
  document: Payload | undefined,
  { image, ...job }: ScanJobOptions,
): Promise<ScanJobResult> {
  const scanOptions = await scanOptionsOf(options, job);
  if (target.kind === 'image') {
    using file = await openImageTarget(target, image);
    const inventory = { ...scanOptions.inventory, cacheDirectory: job.cacheDirectory, signal: image.signal };
    using report = await scan(file.path, { ...scanOptions, inventory });
    return await packed(report, name ?? ('url' in target ? target.url : target.path), job);
  }
  const bytes = await unpack(document!, job.maxSbomBytes ?? MAX_SBOM_BYTES);
  const { format } = target;
  const inventory = {
    ...scanOptions.inventory,
    stdin: Readable.from([bytes]),
    limits: { maxDocumentBytes: job.maxSbomBytes ?? MAX_SBOM_BYTES },
    ...(format !== undefined && { inventoryFormat: format }),
  };
  using report = await scan('sbom:-', { ...scanOptions, inventory });
  return await packed(report, name ?? `sha256:${target.sha256}`, job);
}

async function scanOptionsOf(
  options: WireOptions,
  { databaseDirectory, now, onStage }: Omit<ScanJobOptions, 'image'>,
): Promise<ScanOptions> {
  const { detection, consolidation, distro, kernel, all_statements: allStatements = true } = options;
  return {
    ...{ databaseDirectory, onStage, allStatements, maxAgeMs: MAX_SOURCE_AGE_MS, now: now() },
    sources: readSourceChoice(detection?.join(','), consolidation?.join(',')),
    ...(kernel && { kernel: { material: await kernelMaterialOf(kernel) } }),
    inventory: { ...(distro !== undefined && { distro }) },
  };
}

/** @throws ScannerError `document.limit-exceeded`, `document.malformed`, `document.digest-mismatch`. */
async function unpack({ bytes, sha256 }: Payload, maxSbomBytes: number): Promise<Buffer> {
  const document = await promisify(gunzip)(bytes, { maxOutputLength: maxSbomBytes }).catch((cause: unknown) => {
    if ((cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
      const message = `the document unpacks to more than maxSbomBytes ${maxSbomBytes}`;
      throw new ScannerError('document.limit-exceeded', message, { maxSbomBytes }, { cause });
    }
    throw new ScannerError('document.malformed', 'the document is not packed with gzip, or damaged', {}, { cause });
  });
  const actual = createHash('sha256').update(document).digest('hex');
  if (actual === sha256) return document;
  throw new ScannerError(
    'document.digest-mismatch',
    `the document has the SHA-256 ${actual}, not ${sha256} as it was submitted with`,
  );
}

async function packed(open: OpenReport, name: string, limits: Omit<ScanJobOptions, 'image'>): Promise<ScanJobResult> {
  const report: ScanReport = { ...open, target: { ...open.target, name } };
  const { maxReportBytes = MAX_REPORT_BYTES, maxUnpackedReportBytes = MAX_UNPACKED_REPORT_BYTES } = limits;
  const chunks: Buffer[] = [];
  await pipeline(
    () =>
      measured(jsonFormat.render(report, { color: false, columns: undefined, now: limits.now() }), {
        maxUnpackedReportBytes,
      }),
    createGzip(),
    async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of measured(source, { maxReportBytes })) chunks.push(chunk);
    },
  );
  return { report: Buffer.concat(chunks), snapshotId: report.snapshot.id, counts: countsOf(report) };
}

/** Passes pieces on up to a limit, which is named. */
async function* measured<Piece extends string | Uint8Array>(
  pieces: Iterable<Piece> | AsyncIterable<Piece>,
  limit: Readonly<Record<string, number>>,
): AsyncGenerator<Piece> {
  const [[name, maxBytes] = ['', 0]] = Object.entries(limit);
  let sizeBytes = 0;
  for await (const piece of pieces) {
    sizeBytes += Buffer.byteLength(piece);
    if (sizeBytes > maxBytes)
      throw new ScannerError('report.too-large', `the report is above ${name} ${maxBytes}`, limit);
    yield piece;
  }
}
