import { ApiV1Client } from '../../wire/api-v1/client.ts';
import type { Command } from '../command.ts';
import { scanText } from '../scan-text.ts';
import { openEndpoint, SERVER_OPTIONS, TOKEN_HELP, wordsOf } from '../server-options.ts';
import { REPORT_OPTION, readReportOutputs, writeServerReports } from '../server-reports.ts';

/** `cvescan scans show`: what became of a scan, or its report. */
export const scansShowCommand: Command = {
  name: 'scans show',
  summary: 'Show a scan of a server, or its report.',
  usage: 'cvescan scans show [OPTIONS] ID',
  description: [TOKEN_HELP, '', 'Example:', '  cvescan scans show -o table -o sarif=report.sarif 5f0c…'].join('\n'),
  options: { ...SERVER_OPTIONS, output: REPORT_OPTION },

  async run(invocation) {
    const [id] = wordsOf(invocation, ['ID']);
    const outputs = readReportOutputs(invocation);
    await using api = openEndpoint(invocation);
    const client = new ApiV1Client(api);
    if (outputs.length === 0) invocation.stdout.write(scanText(await client.findScan(id)));
    else await writeServerReports(client, { id, outputs }, invocation);
    return 0;
  },
};
