import { listLayer } from '../inventory/list-layer.ts';
import { answerJobs } from '../platform/answer-jobs.ts';
import type { LayerJob } from './layer-pool.ts';

// A worker thread that lists layers.

answerJobs(({ source, options }: LayerJob) => listLayer(source, options));
