import packageJson from '../../package.json' with { type: 'json' };
import type { ReportRun } from '../reports/cvescan-report/cvescan-report.ts';
import type { OptionValues } from './command.ts';

/** A command as reports name it; where it writes says nothing of what is in them. */
export function reportRun(command: string, { output: _, ...given }: OptionValues): ReportRun {
  const options = Object.fromEntries(
    Object.keys(given)
      .sort()
      .flatMap((name) => {
        const value = given[name];
        return value === undefined ? [] : [[name, value] as const];
      }),
  );
  return { command, options, version: packageJson.version };
}
