import { jobCommand } from '../job-command.ts';

/** `cvescan jobs cancel`: a job is not wanted any more. */
export const jobsCancelCommand = jobCommand('cancel', 'End a job of a server that has not ended.', (client, id) =>
  client.cancelJob(id),
);
