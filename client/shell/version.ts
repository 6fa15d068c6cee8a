// What the shell says it is: the release of ZooKeeper whose commands it has, then ours.

export const VERSION_TEXT = '3.9.5-ringkeeper-0.1.0'
