package io.watchkeeper.postgres;

/**
 * How far a piece of work has got.
 *
 * @param subject what is worked on, for example {@code public.chunks}
 * @param stage for example {@code load}
 * @param rows done so far
 * @param totalRows estimated; -1 when unknown
 * @param bytes moved so far
 */
public record Progress(String subject, String stage, long rows, long totalRows, long bytes) {}
