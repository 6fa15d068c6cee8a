// Metrics that a member of an ensemble has, and those that only a leader has, under ZooKeeper's
// names.

import { proposals } from '../server-stats.ts'
import { gaugeOf, isLeader, isMember, type Metric } from './metric.ts'

export const QUORUM_METRICS: readonly Metric[] = [
  {
    name: 'quorum_size',
    type: 'gauge',
    help: 'Members that vote',
    when: isMember,
    value: ({ source }) => {
      const members = source.options.ensemble?.membership.members ?? []
      return members.filter(({ role }) => role === 'participant').length
    },
  },
  {
    name: 'learners',
    type: 'gauge',
    help: 'Followers and observers that are connected to the leader',
    when: isLeader,
    value: gaugeOf('learners'),
  },
  {
    name: 'followers',
    type: 'gauge',
    help: 'Followers that are connected to the leader; ZooKeeper has it up to 3.5',
    when: isLeader,
    value: ({ source }) => source.gauges.read('learners') - source.gauges.read('syncedObservers'),
  },
  {
    name: 'synced_followers',
    type: 'gauge',
    help: 'Followers that are up to date',
    when: isLeader,
    value: gaugeOf('syncedFollowers'),
  },
  {
    name: 'synced_non_voting_followers',
    type: 'gauge',
    help: 'Followers that are not members; always 0 without reconfiguration',
    when: isLeader,
    value: () => 0,
  },
  {
    name: 'synced_observers',
    type: 'gauge',
    help: 'Observers that are up to date',
    when: isLeader,
    value: gaugeOf('syncedObservers'),
  },
  {
    name: 'pending_syncs',
    type: 'gauge',
    help: 'Requests for a sync that wait for a commit',
    when: isLeader,
    value: gaugeOf('pendingSyncs'),
  },
  {
    name: 'leader_uptime',
    type: 'gauge',
    help: 'Milliseconds since this server became the leader',
    when: isLeader,
    value: ({ source }) => Math.round(source.network.servingMs),
  },
  {
    name: 'last_proposal_size',
    type: 'gauge',
    help: 'Bytes of the last proposal; -1 before the first',
    when: isLeader,
    value: ({ source }) => proposals(source).last_buffer_size,
  },
  {
    name: 'min_proposal_size',
    type: 'gauge',
    help: 'Bytes of the smallest proposal; -1 before the first',
    when: isLeader,
    value: ({ source }) => proposals(source).min_buffer_size,
  },
  {
    name: 'max_proposal_size',
    type: 'gauge',
    help: 'Bytes of the largest proposal; -1 before the first',
    when: isLeader,
    value: ({ source }) => proposals(source).max_buffer_size,
  },
]
