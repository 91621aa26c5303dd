package io.watchkeeper.postgres;

/**
 * How far a piece of work has got. Several subjects may be worked on at once; each reports for itself, and says at its end that it
 * is {@link #finished}.
 *
 * @param subject what is worked on, for example {@code public.chunks}
 * @param stage for example {@code load}
 * @param rows done so far, by all streams of the subject together
 * @param totalRows estimated; -1 when unknown, or when the stage has no rows of its own to count
 * @param bytes moved so far
 * @param totalBytes estimated, 0 when unknown; -1 where rows are counted, which tell then how far the work is
 */
public record Progress(String subject, String stage, long rows, long totalRows, long bytes, long totalBytes) {

    private static final String FINISHED = "finished";

    /** Of work that is measured in rows. */
    public Progress(String subject, String stage, long rows, long totalRows, long bytes) {
        this(subject, stage, rows, totalRows, bytes, -1);
    }

    /** Of work that is measured in bytes. @param total estimated; 0 when unknown */
    public static Progress ofBytes(String subject, String stage, long bytes, long total) {
        return new Progress(subject, stage, 0, -1, bytes, Math.max(0, total));
    }

    /** The subject is not worked on any more, whether it succeeded or not: whoever shows it takes it off. */
    public static Progress finished(String subject) {
        return new Progress(subject, FINISHED, 0, -1, 0);
    }

    /** Whether rows tell how far the work is; bytes do otherwise. */
    public boolean countsRows() {
        return totalBytes < 0;
    }

    public boolean isFinished() {
        return stage.equals(FINISHED);
    }
}
