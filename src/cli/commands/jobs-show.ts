import { jobCommand } from '../job-command.ts';

/** `cvescan jobs show`: what became of a job. */
export const jobsShowCommand = jobCommand(
  'show',
  'Show a job of a server, with the history of its attempts.',
  (client, id) => client.findJob(id),
);
