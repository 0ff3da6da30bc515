import { CONFIDENCES, type Confidence } from '../model/confidence.ts';
import { ScannerError } from '../model/errors.ts';
import type { JudgeOptions } from '../scan/judge.ts';
import { CONSOLIDATION_SOURCES, DETECTION_SOURCES, readSourceChoice } from '../scan/source-choice.ts';
import type { OptionSpec, OptionValues } from './command.ts';

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
};

/** @throws ScannerError `usage.invalid`. */
export function readSourceOptions(options: OptionValues): Pick<JudgeOptions, 'sources' | 'minConfidence'> {
  const { detection, consolidation, 'min-confidence': confidence } = options;
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
