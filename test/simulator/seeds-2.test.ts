// A share of the suite's simulated seeds: see seeds.ts.

import { simulateShare } from './seeds.ts'

simulateShare(2)
