// The shell's version: the release of ZooKeeper whose commands it has, then our own.

export const VERSION_TEXT = '3.9.5-ringkeeper-0.1.0'
