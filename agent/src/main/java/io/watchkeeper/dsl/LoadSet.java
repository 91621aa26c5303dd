package io.watchkeeper.dsl;

import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.Runbook;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Brings the runbooks of several files together: each name once, those of this host's role. */
final class LoadSet {

    private final String role;
    private final Map<String, List<Runbook>> declared = new LinkedHashMap<>();
    private final SortedMap<String, Runbook> chosen = new TreeMap<>();
    private final List<Problem> problems = new ArrayList<>();

    LoadSet(String role) {
        this.role = role;
    }

    /** The first file that declares a name keeps it. */
    void add(LoadedFile file) {
        problems.addAll(file.problems());
        for (Runbook runbook : file.runbooks()) {
            List<Runbook> namesakes = declared.computeIfAbsent(runbook.name(), n -> new ArrayList<>());
            namesakes.stream()
                    .filter(other -> meet(other.roles(), runbook.roles()))
                    .findFirst()
                    .ifPresentOrElse(other -> problems.add(duplicate(other, runbook)), () -> {
                        if (runbook.runsOn(role)) {
                            chosen.put(runbook.name(), runbook);
                        }
                    });
            namesakes.add(runbook);
        }
    }

    /** True when some host would load both: two runbooks of one name for different roles never meet. */
    private static boolean meet(Set<String> one, Set<String> other) {
        return one.isEmpty() || other.isEmpty() || !Collections.disjoint(one, other);
    }

    private static Problem duplicate(Runbook first, Runbook second) {
        return new Problem(
                second.location().file(),
                second.location().line(),
                1,
                "runbook '" + second.name() + "' is declared a second time; the first is at " + first.location(),
                "give one of them another name, or take it out.");
    }

    List<Problem> problems() {
        return problems;
    }

    List<Runbook> runbooks() {
        return List.copyOf(chosen.values());
    }

    SortedMap<String, Runbook> byName() {
        return chosen;
    }
}
