import { jobCommand } from '../job-command.ts';

/** `cvescan jobs retry`: a job gets another deadline and new attempts. */
export const jobsRetryCommand = jobCommand('retry', 'Try a failed or cancelled job of a server again.', (client, id) =>
  client.retryJob(id),
);
