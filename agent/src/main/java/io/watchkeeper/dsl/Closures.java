package io.watchkeeper.dsl;

import groovy.lang.Closure;

/** Runs a block of a runbook file. */
final class Closures {

    private Closures() {}

    /**
     * Runs the block with the words of the spec and no others. A copy of it runs, so that two runs at a time do not see each
     * other's words.
     */
    static void run(Closure<?> block, Object spec) {
        Closure<?> copy = (Closure<?>) block.clone();
        copy.setDelegate(spec);
        copy.setResolveStrategy(Closure.DELEGATE_ONLY);
        copy.call();
    }
}
