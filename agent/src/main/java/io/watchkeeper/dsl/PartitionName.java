package io.watchkeeper.dsl;

/** What {@code partition('name')} stands for: the target's partition that is replaced. */
public record PartitionName(String name) {}
