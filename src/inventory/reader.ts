import type { InventoryLayer } from '../model/inventory.ts';
import type { ListedPackage, Location } from '../model/package.ts';
import type { ReportProblem } from '../model/problem.ts';
import type { JsonFields } from '../platform/json-values.ts';

/** A package as a document lists it; it is given its id, and the namespace of the document, by the caller. */
export interface DocumentPackage extends ListedPackage {
  /** As written; absent where the document states none. */
  readonly purl?: string;
  readonly locations?: readonly Location[];
  /** Digest of the layer that removed it. */
  readonly removedBy?: string;
  /** By what the document itself refers to it, where others may do so too: CycloneDX's `bom-ref`. */
  readonly ref?: string;
}

/** What a reader makes of a document. */
export interface DocumentInventory {
  /** The release that the document names for the whole of it; packages of that system without their own get it. */
  readonly namespace?: string;
  readonly repositoryCpes?: readonly string[];
  /** `urn:uuid:…`, by which other documents refer to it. */
  readonly serialNumber?: string;
  /** Of the image that the document was made from. */
  readonly layers?: readonly InventoryLayer[];
  /** Read as they are asked for, so that a limit of their number holds. */
  readonly packages: Iterable<DocumentPackage>;
}

/** What a reader is handed beside the document. */
export interface ReaderContext {
  /** Called for what cannot be read, and for what the format does not allow. */
  readonly problem: ReportProblem;
}

interface ReaderFacts {
  /** The name behind `--inventory-format`, and that of its file. */
  readonly name: string;
  /** Names of other readers that may stand for this one too, where a document is of this one's kind. */
  readonly aliases?: readonly string[];
  /** One line for the help and the reference. */
  readonly title: string;
}

/** Reads documents that are one JSON object. */
export interface JsonReader extends ReaderFacts {
  readonly form: 'json';
  /** Cheap: by the keys and marks of the outermost object. */
  recognises(document: JsonFields): boolean;
  read(document: JsonFields, context: ReaderContext): DocumentInventory;
}

/** Reads text, or XML as text. */
export interface TextReader extends ReaderFacts {
  readonly form: 'text' | 'xml';
  /** By the first bytes. */
  recognises(head: string): boolean;
  /** @throws ScannerError `document.malformed` where nothing of it can be read. */
  read(text: string, context: ReaderContext): DocumentInventory | Promise<DocumentInventory>;
}

/** A file of an archive of documents. */
export interface DocumentFile {
  readonly path: string;
  readonly text: string;
}

/** Reads documents that are a tar of many. */
export interface ArchiveReader extends ReaderFacts {
  readonly form: 'archive';
  /** By the path of the first file. */
  recognises(firstPath: string): boolean;
  read(files: readonly DocumentFile[], context: ReaderContext): DocumentInventory;
}

/** One format of inventories or SBOMs. Pure over the document's content; never throws on a document that was parsed. */
export type InventoryReader = JsonReader | TextReader | ArchiveReader;
