import assert from 'node:assert/strict';
import type { Problem } from '../model/problem.ts';
import type { DetectedNamespace, DetectorContext, NamespaceDetector } from './detector.ts';
import type { ContractCheck } from './lister.contract.ts';

/** What a detector answers for namespace files of these texts, with the problems that it told. */
export function detectFrom(detector: NamespaceDetector, texts: Readonly<Record<string, string>>) {
  const problems: Problem[] = [];
  const isWanted = (path: string) =>
    detector.wants.some((wanted) => path === wanted || (wanted.endsWith('/') && path.startsWith(wanted)));
  const context: DetectorContext = {
    text: (path) => (isWanted(path) && Object.hasOwn(texts, path) ? texts[path] : undefined),
    pathsBelow: (prefix) =>
      Object.keys(texts)
        .filter((path) => path.startsWith(prefix))
        .sort(),
    problem: (it) => problems.push(it),
  };
  const detected: DetectedNamespace | undefined = detector.detect(context);
  return { detected, problems };
}

/** Throws unless the detector takes this text in each of its files, and answers with a namespace or nothing. */
export function checkText(detector: NamespaceDetector, text: string): void {
  for (const path of detector.wants) {
    const { detected } = detectFrom(detector, { [path.endsWith('/') ? `${path}file` : path]: text });
    if (detected) assert.match(detected.namespace, /^[a-z0-9][a-z0-9._-]*(:[a-z0-9][a-z0-9._~+-]*)?$/);
  }
}

/** The contract of detectors, as plain functions. `texts` are files from which it is to answer `namespace`. */
export function detectorContract(
  detector: NamespaceDetector,
  { texts, namespace }: { readonly texts: Readonly<Record<string, string>>; readonly namespace: string },
): readonly ContractCheck[] {
  return [
    {
      name: 'it has a name and a version, and wants relative paths',
      check: async () => {
        assert.match(detector.name, /^[a-z][a-z0-9-]*$/);
        assert.ok(Number.isInteger(detector.version) && detector.version > 0);
        for (const path of detector.wants) assert.match(path, /^[^/].*$/);
      },
    },
    {
      name: 'it answers from its fixture, and the same every time',
      check: async () => {
        for (const _ of ['once', 'again']) assert.equal(detectFrom(detector, texts).detected?.namespace, namespace);
      },
    },
    {
      name: 'it has no answer where there is nothing',
      check: async () => {
        assert.equal(detectFrom(detector, {}).detected, undefined);
        checkText(detector, '');
      },
    },
    {
      name: 'it survives its fixture cut at any place',
      check: async () => {
        for (const text of Object.values(texts))
          for (let end = 0; end <= text.length; end++) checkText(detector, text.slice(0, end));
      },
    },
  ];
}
