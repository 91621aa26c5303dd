package io.watchkeeper.toolkit.slo;

import io.watchkeeper.toolkit.slo.SloSlice.Kind;
import io.watchkeeper.units.Ratio;
import java.util.OptionalDouble;

/** One thing that is promised: what counts, what of it is bad, and which share may be. */
enum Objective {
    READ("reads slower than promised"),
    WRITE("writes slower than promised"),
    ERRORS("transactions that failed");

    private final String words;

    Objective(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }

    String label() {
        return switch (this) {
            case READ -> "read";
            case WRITE -> "write";
            case ERRORS -> "errors";
        };
    }

    long all(SloSlice slice) {
        return switch (this) {
            case READ -> slice.latencies(Kind.READ).count();
            case WRITE -> slice.latencies(Kind.WRITE).count();
            case ERRORS -> slice.transactions() + slice.failed();
        };
    }

    long bad(SloSlice slice, boolean countRollbacks) {
        return switch (this) {
            case READ -> slice.slow(Kind.READ);
            case WRITE -> slice.slow(Kind.WRITE);
            case ERRORS -> slice.failed() + (countRollbacks ? slice.rolledBack() : slice.aborted());
        };
    }

    double budget(Ratio errors) {
        return this == ERRORS ? errors.share() : SloObjectives.SLOW_SHARE;
    }

    /** How many times as fast as it would just last the budget is spent. @return empty when there is too little to say so */
    OptionalDouble burn(SloSlice slice, Ratio errors, boolean countRollbacks, long least) {
        long all = all(slice);
        return all < least
                ? OptionalDouble.empty()
                : OptionalDouble.of((double) bad(slice, countRollbacks) / all / budget(errors));
    }
}
