package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Expiry and verification of a whole repository, database by database: what fails for one is done for the others all the same. Tables in the
 * archive are verified with the rest, and never expire.
 */
public final class KeptBackups {

    private final BackupSettings settings;
    private final Work work;
    private final List<Catalogue> catalogues;
    private final List<Catalogue> archived;

    /**
     * @param database the only one that is meant; null for every one that the repository knows
     * @throws OperatorException when this host keeps no backups
     */
    public KeptBackups(BackupSettings settings, @Nullable String database, Work work) {
        this.settings = settings;
        this.work = work;
        settings.requireRepository();
        this.catalogues = database == null ? settings.catalogues() : List.of(settings.catalogue(database));
        this.archived = settings.archive().catalogues().stream()
                .filter(one -> database == null || one.database().equals(database))
                .toList();
    }

    /** What an expiry would remove and what it would keep, each with its reason. */
    public List<PlannedAction> describeExpiry(RetentionPolicy policy) {
        List<PlannedAction> actions = new ArrayList<>();
        catalogues.forEach(one -> actions.addAll(new BackupExpiry(one, settings.clock(), work).describe(policy)));
        return actions;
    }

    /**
     * Removes what the policy no longer keeps.
     *
     * @param done told of each database when it is through
     * @throws OperatorException of the first database that failed, after all of them
     */
    public List<ExpiryResult> expire(RetentionPolicy policy, Consumer<ExpiryResult> done) {
        List<ExpiryResult> results = new ArrayList<>();
        Failures failures = new Failures();
        for (Catalogue one : catalogues) {
            failures.unless(() -> {
                ExpiryResult result = new BackupExpiry(one, settings.clock(), work).expire(policy);
                results.add(result);
                done.accept(result);
                result.failure().ifPresent(failures::add);
            });
        }
        failures.throwFirst();
        return results;
    }

    /** What a verification would read, in its order. */
    public List<PlannedAction> describeVerification(IntegrityPlan plan) {
        List<PlannedAction> actions = new ArrayList<>();
        verifiable().forEach(one -> actions.addAll(new BackupVerifier(one, settings.clock(), work).describe(plan)));
        return actions;
    }

    /**
     * Reads backups and archives again.
     *
     * @param done told of each database when it is through
     * @throws OperatorException when anything is known to be damaged, after all databases were read
     */
    public List<IntegrityResult> verify(IntegrityPlan plan, Consumer<IntegrityResult> done) {
        List<IntegrityResult> results = new ArrayList<>();
        Failures failures = new Failures();
        for (Catalogue one : verifiable()) {
            failures.unless(() -> {
                IntegrityResult result = new BackupVerifier(one, settings.clock(), work).verify(plan);
                results.add(result);
                done.accept(result);
                result.failure().ifPresent(failures::add);
            });
        }
        failures.throwFirst();
        return results;
    }

    private List<Catalogue> verifiable() {
        List<Catalogue> all = new ArrayList<>(catalogues);
        all.addAll(archived);
        return all;
    }

    private static final class Failures {

        private final List<OperatorException> all = new ArrayList<>();

        void add(OperatorException failure) {
            all.add(failure);
        }

        void unless(Runnable work) {
            try {
                work.run();
            } catch (OperatorException e) {
                add(e);
            }
        }

        void throwFirst() {
            if (!all.isEmpty()) {
                OperatorException first = all.get(0);
                all.stream().skip(1).forEach(first::addSuppressed);
                throw all.size() == 1
                        ? first
                        : new OperatorException(
                                first.getMessage() + " (and " + (all.size() - 1) + " more databases)",
                                first.hint(),
                                first);
            }
        }
    }
}
