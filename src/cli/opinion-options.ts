import { ScannerError } from '../model/errors.ts';
import type { Scope } from '../model/scope.ts';
import type { JudgeOptions } from '../scan/judge.ts';
import { type OpinionPlaces, readOpinions } from '../scan/read-opinions.ts';
import type { OptionSpec, OptionValues } from './command.ts';
import { listOf } from './outputs.ts';
import type { Settings } from './settings.ts';

/** For what a report is made; also `scope` in the configuration. */
export const SCOPE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  'scope.transversal': { type: 'string', value: 'NAME', help: 'what runs across projects, e.g. an architecture' },
  'scope.project': { type: 'string', value: 'NAME', help: 'the project: annotations for it hold' },
  'scope.component': { type: 'string', value: 'NAME', help: 'the component of the project' },
};

/** What people and suppliers say of vulnerabilities. */
export const OPINION_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  vex: { type: 'string', multiple: true, value: 'FILE', help: 'a VEX document: OpenVEX, CSAF, CycloneDX' },
  annotations: { type: 'string', value: 'FILE', help: "people's verdicts, an annotations file 2.0.0" },
  'ignore-file': { type: 'string', value: 'FILE', help: 'rules of what to leave, with reasons' },
};

/**
 * What options and configuration say of scope and opinions, read.
 *
 * @throws ScannerError `usage.invalid`, and what `readOpinions` throws.
 */
export async function readOpinionOptions(
  options: OptionValues,
  settings: Pick<Settings, 'scope' | 'ignore'>,
): Promise<Pick<JudgeOptions, 'opinions' | 'scope'>> {
  const scope = readScope(options, settings);
  const opinions = await readOpinions(readPlaces(options, settings), scope ?? {});
  return { opinions, ...(scope && { scope }) };
}

/** The command line wins over the configuration. @throws ScannerError `usage.invalid`: a component of no project. */
export function readScope(options: OptionValues, settings: Pick<Settings, 'scope'>): Scope | undefined {
  const stated = { ...settings.scope };
  for (const key of ['transversal', 'project', 'component']) {
    const value = options[`scope.${key}`];
    if (typeof value === 'string') stated[key] = value;
  }
  const { transversal, project, component } = stated;
  if (component !== undefined && project === undefined)
    throw new ScannerError('usage.invalid', '--scope.component needs a --scope.project');
  if (Object.keys(stated).length === 0) return undefined;
  return {
    ...(transversal !== undefined && { transversal }),
    ...(project !== undefined && { project }),
    ...(component !== undefined && { component }),
  };
}

function readPlaces(options: OptionValues, { ignore }: Pick<Settings, 'ignore'>): OpinionPlaces {
  const { annotations, 'ignore-file': ignoreFile, vex } = options;
  return {
    vex: listOf(vex),
    ...(typeof annotations === 'string' && { annotations }),
    ...(typeof ignoreFile === 'string' && { ignoreFile }),
    ...(ignore && { ignore }),
  };
}
