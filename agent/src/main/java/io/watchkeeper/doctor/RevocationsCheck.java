package io.watchkeeper.doctor;

import io.watchkeeper.files.RevocationLists;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** Whether the revocation lists of client certificates are good, and for how long: with one that ran out, nobody of its authority gets in. */
final class RevocationsCheck implements HealthCheck {

    private final Path file;
    private final Clock clock;

    RevocationsCheck(Path file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    @Override
    public String subject() {
        return "revocation lists";
    }

    @Override
    public List<Finding> examine() {
        List<RevocationLists.Term> terms;
        try {
            terms = RevocationLists.terms(file);
        } catch (OperatorException e) {
            return List.of(Finding.red(subject(), String.valueOf(e.getMessage()), e.hint()));
        }
        Instant now = clock.instant();
        List<String> concerns = RevocationLists.concerns(file, now);
        if (concerns.isEmpty()) {
            return List.of(Finding.green(subject(), file + ", " + terms.size() + " in force"));
        }
        boolean over = terms.stream().map(RevocationLists.Term::end).anyMatch(end -> end != null && end.isBefore(now));
        String remedy = "have the authority make a new one: openssl ca -gencrl -out " + file;
        return concerns.stream()
                .map(concern ->
                        over ? Finding.red(subject(), concern, remedy) : Finding.amber(subject(), concern, remedy))
                .toList();
    }
}
