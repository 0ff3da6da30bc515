// Packs examples/ the way publishers and registries do:   node tools/make-examples.mjs [DEST, default dist/examples]
//   DEST/mirror   an offline mirror, from examples/mirror
//   DEST/image    an OCI layout, from examples/image
// The same sources give the same bytes.
import { createHash } from 'node:crypto';
import { cpSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';

const examples = join(dirname(import.meta.dirname), 'examples');
const target = process.argv[2] ?? join(dirname(examples), 'dist', 'examples');

makeMirror(join(examples, 'mirror'), join(target, 'mirror'));
makeImage(join(examples, 'image', 'layers'), join(target, 'image'));

function makeMirror(source, mirror) {
  rmSync(mirror, { recursive: true, force: true });
  cpSync(source, mirror, { recursive: true });
  for (const file of globSync('nvd.nist.gov/**/nvdcve-*.json', { cwd: mirror }).map((path) => join(mirror, path))) {
    const json = readFileSync(file);
    const gzip = gzipSync(json);
    writeFileSync(`${file}.gz`, gzip);
    writeFileSync(file.replace(/\.json$/, '.meta'), metaOf(json, gzip));
    rmSync(file);
  }
  for (const file of globSync('epss.empiricalsecurity.com/*.csv', { cwd: mirror }).map((path) => join(mirror, path))) {
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)));
    rmSync(file);
  }
  for (const folder of globSync('**/all.zip', { cwd: mirror }).map((path) => join(mirror, path))) {
    const files = readdirSync(folder).sort();
    const archive = zip(files.map((name) => ({ name, bytes: readFileSync(join(folder, name)) })));
    rmSync(folder, { recursive: true });
    writeFileSync(folder, archive);
  }
}

/** NVD's five lines; the hash is of the uncompressed file. */
function metaOf(json, gzip) {
  const { timestamp } = JSON.parse(json.toString());
  const hash = createHash('sha256').update(json).digest('hex').toUpperCase();
  return [
    `lastModifiedDate:${timestamp.slice(0, 19)}-05:00`,
    `size:${json.length}`,
    `zipSize:${gzip.length}`,
    `gzSize:${gzip.length}`,
    `sha256:${hash}`,
    '',
  ].join('\r\n');
}

/** Stored entries, then the central directory. Source: APPNOTE.TXT of PKWARE, sections 4.3.7, 4.3.12, 4.3.16. */
function zip(files) {
  const [entries, directory] = [[], []];
  let offset = 0;
  for (const { name, bytes } of files) {
    // Version 2.0, no flags, stored, 1 January 1980.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(0x00210000, 6);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(bytes.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    entries.push(Buffer.from('PK\x03\x04'), common, Buffer.from(name), bytes);
    const location = Buffer.alloc(14);
    location.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), common, location, Buffer.from(name));
    offset += 30 + name.length + bytes.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...entries, ...directory, end]);
}

/** An OCI layout of one image. Source: https://github.com/opencontainers/image-spec */
function makeImage(source, layout) {
  rmSync(layout, { recursive: true, force: true });
  mkdirSync(join(layout, 'blobs', 'sha256'), { recursive: true });
  const descriptor = (mediaType, bytes) => {
    const digest = digestOf(bytes);
    writeFileSync(join(layout, 'blobs', 'sha256', digest.slice('sha256:'.length)), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const json = (mediaType, value) => descriptor(mediaType, Buffer.from(`${JSON.stringify(value)}\n`));
  const folders = readdirSync(source).sort();
  const tars = folders.map((folder) => tar(join(source, folder)));
  const layers = tars.map((bytes) => descriptor('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(bytes)));
  const created = '2024-05-22T00:00:00Z';
  const config = json('application/vnd.oci.image.config.v1+json', {
    created,
    architecture: 'amd64',
    os: 'linux',
    config: { WorkingDir: '/srv/app' },
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
    history: folders.map((folder) => ({ created, created_by: `COPY examples/image/layers/${folder} /` })),
  });
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = json(mediaType, { schemaVersion: 2, mediaType, config, layers });
  const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'example:latest' } };
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}\n');
  writeFileSync(join(layout, 'index.json'), `${JSON.stringify({ schemaVersion: 2, manifests: [named] })}\n`);
}

function digestOf(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A POSIX ustar archive of a folder. */
function tar(folder) {
  const blocks = [];
  for (const path of globSync('**/*', { cwd: folder }).sort()) {
    const isFolder = statSync(join(folder, path)).isDirectory();
    const bytes = isFolder ? Buffer.alloc(0) : readFileSync(join(folder, path));
    blocks.push(tarHeader(path, isFolder, bytes.length), bytes, Buffer.alloc(-bytes.length & 511));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function tarHeader(path, isFolder, size) {
  const header = Buffer.alloc(512);
  const octal = (value, offset, length) => header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset);
  if (path.length > 99) throw new Error(`${basename(path)}: its path is too long for a plain tar header`);
  header.write(isFolder ? `${path}/` : path, 0);
  octal(isFolder ? 0o755 : 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(Date.UTC(2024, 4, 22) / 1000, 136, 12);
  header.write('        ', 148);
  header.write(isFolder ? '5' : '0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
