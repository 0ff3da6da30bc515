import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { CONFIDENCES, type Confidence } from '../model/confidence.ts';
import { ScannerError } from '../model/errors.ts';
import type { JudgeOptions } from '../scan/judge.ts';
import type { ScanOptions } from '../scan/scan.ts';
import { CONSOLIDATION_SOURCES, DETECTION_SOURCES, readSourceChoice } from '../scan/source-choice.ts';
import type { Invocation, OptionSpec, OptionValues } from './command.ts';
import type { Settings } from './settings.ts';

/** Which sources are asked, and how sure they must be: the options of all commands that judge. */
export const SOURCE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  detection: {
    type: 'string',
    value: 'SOURCES',
    help: `who may say what is affected (default ${DETECTION_SOURCES.join(',')}; !distribution leaves it out)`,
  },
  consolidation: {
    type: 'string',
    value: 'SOURCES',
    help: `who tells of the flaws (default ${CONSOLIDATION_SOURCES.join(',')})`,
  },
  'min-confidence': {
    type: 'string',
    value: CONFIDENCES.join('|'),
    help: 'how surely a CPE must name a package (default exact: vendor and product)',
  },
  'osv-live': { type: 'boolean', help: 'ask api.osv.dev itself of language packages (osv.mode: live)' },
  'osv-offline': {
    type: 'boolean',
    help: 'with --osv-live: take what was answered before, ask nobody (osv.offline: true)',
  },
};

/** The command line wins over the configuration. @throws ScannerError `usage.invalid`. */
export function readSourceOptions(
  options: OptionValues,
  { judging }: Pick<Settings, 'judging'>,
): Pick<JudgeOptions, 'sources' | 'minConfidence'> {
  const { detection, consolidation, 'min-confidence': confidence } = { ...judging, ...options };
  return {
    ...((detection !== undefined || consolidation !== undefined) && {
      sources: readSourceChoice(textOf(detection), textOf(consolidation)),
    }),
    ...(confidence !== undefined && { minConfidence: readConfidence(String(confidence)) }),
  };
}

const textOf = (value: OptionValues[string]): string | undefined => (typeof value === 'string' ? value : undefined);

function readConfidence(text: string): Confidence {
  const confidence = CONFIDENCES.find((word) => word === text);
  if (confidence) return confidence;
  throw new ScannerError('usage.invalid', `--min-confidence ${text}: it is one of ${CONFIDENCES.join(', ')}`);
}

/** How OSV is asked live; undefined where neither options nor configuration want it. @throws ScannerError `config.invalid`, `usage.invalid`. */
export function readLiveOsv(
  { options, env, signal }: Pick<Invocation, 'options' | 'env' | 'signal'>,
  { datasources, cacheDirectory, limits }: Pick<Settings, 'datasources' | 'cacheDirectory' | 'limits'>,
): ScanOptions['liveOsv'] {
  const { mode = 'snapshot', offline = 'false', url } = datasources.sources.osv ?? {};
  if (!['live', 'snapshot'].includes(mode)) throw invalidSetting('mode', mode, 'live or snapshot');
  if (!['true', 'false'].includes(offline)) throw invalidSetting('offline', offline, 'true or false');
  if (url !== undefined && !/^https?:\/\/./.test(url))
    throw invalidSetting('url', url, 'an address that begins with http:// or https://');
  if (mode !== 'live' && options['osv-live'] !== true) {
    if (options['osv-offline'] !== true) return undefined;
    throw new ScannerError('usage.invalid', '--osv-offline says how --osv-live (or osv.mode: live) asks: name it too');
  }
  return {
    ...(url !== undefined && { url }),
    cacheDirectory: join(cacheDirectory, 'osv'),
    ...(limits.maxOsvCacheBytes !== undefined && { maxCacheBytes: limits.maxOsvCacheBytes }),
    isOffline: offline === 'true' || options['osv-offline'] === true,
    version: packageJson.version,
    env,
    signal,
  };
}

function invalidSetting(name: string, value: string, words: string): ScannerError {
  return new ScannerError('config.invalid', `osv.${name} is ${words}, not ${JSON.stringify(value)}`);
}
