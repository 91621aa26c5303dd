package io.watchkeeper;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;

/** The dependency rules of docs/architecture.md. */
@AnalyzeClasses(packages = "io.watchkeeper", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.watchkeeper.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule unitsAndProblemStandAlone = noClasses()
            .that()
            .resideInAnyPackage("io.watchkeeper.units", "io.watchkeeper.problem")
            .should()
            .dependOnClassesThat(ours().and(not("io.watchkeeper.units", "io.watchkeeper.problem")));

    @ArchTest
    static final ArchRule postgresKnowsOnlyUnits =
            onlyDependsOn("io.watchkeeper.postgres", "io.watchkeeper.units", "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule runbookKnowsOnlyPostgres = onlyDependsOn(
            "io.watchkeeper.runbook", "io.watchkeeper.postgres", "io.watchkeeper.units", "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule engineKnowsOnlyRunbooks = onlyDependsOn(
            "io.watchkeeper.engine",
            "io.watchkeeper.runbook",
            "io.watchkeeper.postgres",
            "io.watchkeeper.files",
            "io.watchkeeper.units",
            "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule toolkitKnowsOnlyPostgres = noClasses()
            .that()
            .resideInAPackage("io.watchkeeper.toolkit..")
            .should()
            .dependOnClassesThat(ours().and(not(
                    "io.watchkeeper.toolkit..",
                    "io.watchkeeper.postgres",
                    "io.watchkeeper.protection",
                    "io.watchkeeper.replicas",
                    "io.watchkeeper.review",
                    "io.watchkeeper.measures",
                    "io.watchkeeper.trust",
                    "io.watchkeeper.files",
                    "io.watchkeeper.units",
                    "io.watchkeeper.problem")))
            .allowEmptyShould(true);

    /** Of all tools, migrations alone run files of the host. */
    @ArchTest
    static final ArchRule onlyMigrationsAskWhomToTrust = noClasses()
            .that()
            .resideInAPackage("io.watchkeeper.toolkit..")
            .and()
            .resideOutsideOfPackage("io.watchkeeper.toolkit.migrate")
            .should()
            .dependOnClassesThat(resideInAPackage("io.watchkeeper.trust"));

    @ArchTest
    static final ArchRule toolsShareOnlyTheCopyEngine = noClasses()
            .that()
            .resideInAPackage("io.watchkeeper.toolkit.copy..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    "io.watchkeeper.toolkit.sync..",
                    "io.watchkeeper.toolkit.verify..",
                    "io.watchkeeper.toolkit.stream.."));

    @ArchTest
    static final ArchRule verificationKnowsNoSync = noClasses()
            .that()
            .resideInAPackage("io.watchkeeper.toolkit.verify..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.watchkeeper.toolkit.sync..", "io.watchkeeper.toolkit.stream.."))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule pollingKnowsNoStreams = noClasses()
            .that()
            .resideInAPackage("io.watchkeeper.toolkit.sync..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.watchkeeper.toolkit.stream.."))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule filesKnowOnlyUnits =
            onlyDependsOn("io.watchkeeper.files", "io.watchkeeper.units", "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule trustStandsAlone =
            onlyDependsOn("io.watchkeeper.trust", "io.watchkeeper.units", "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule protectionStandsAlone = onlyDependsOn("io.watchkeeper.protection", "io.watchkeeper.units");

    @ArchTest
    static final ArchRule reviewsStandAlone =
            onlyDependsOn("io.watchkeeper.review", "io.watchkeeper.units", "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule auditStandsAlone =
            onlyDependsOn("io.watchkeeper.audit", "io.watchkeeper.units", "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule measuresStandAlone = onlyDependsOn("io.watchkeeper.measures", "io.watchkeeper.units");

    @ArchTest
    static final ArchRule reportsKnowOnlyRunsAndMeasures = onlyDependsOn(
            "io.watchkeeper.checklist",
            "io.watchkeeper.runbook",
            "io.watchkeeper.engine",
            "io.watchkeeper.measures",
            "io.watchkeeper.files",
            "io.watchkeeper.units",
            "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule replicasStandAlone = onlyDependsOn("io.watchkeeper.replicas", "io.watchkeeper.units");

    @ArchTest
    static final ArchRule readingReplicationStandsBelow = onlyDependsOn(
            "io.watchkeeper.toolkit.replication",
            "io.watchkeeper.postgres",
            "io.watchkeeper.replicas",
            "io.watchkeeper.files",
            "io.watchkeeper.units",
            "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule failoverKnowsOnlyReplication = onlyDependsOn(
                    "io.watchkeeper.toolkit.failover",
                    "io.watchkeeper.toolkit.replication",
                    "io.watchkeeper.postgres",
                    "io.watchkeeper.replicas",
                    "io.watchkeeper.review",
                    "io.watchkeeper.measures",
                    "io.watchkeeper.files",
                    "io.watchkeeper.units",
                    "io.watchkeeper.problem")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule standbysKnowOnlyFailover = onlyDependsOn(
                    "io.watchkeeper.toolkit.standby",
                    "io.watchkeeper.toolkit.failover",
                    "io.watchkeeper.toolkit.replication",
                    "io.watchkeeper.postgres",
                    "io.watchkeeper.replicas",
                    "io.watchkeeper.review",
                    "io.watchkeeper.measures",
                    "io.watchkeeper.files",
                    "io.watchkeeper.units",
                    "io.watchkeeper.problem")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule indexesKnowOnlyReviewsAndMeasures = onlyDependsOn(
            "io.watchkeeper.toolkit.index",
            "io.watchkeeper.postgres",
            "io.watchkeeper.review",
            "io.watchkeeper.measures",
            "io.watchkeeper.files",
            "io.watchkeeper.units",
            "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule remediesKnowOnlyStandbys = onlyDependsOn(
                    "io.watchkeeper.toolkit.remedy",
                    "io.watchkeeper.toolkit.index",
                    "io.watchkeeper.toolkit.standby",
                    "io.watchkeeper.toolkit.failover",
                    "io.watchkeeper.toolkit.replication",
                    "io.watchkeeper.postgres",
                    "io.watchkeeper.replicas",
                    "io.watchkeeper.review",
                    "io.watchkeeper.measures",
                    "io.watchkeeper.files",
                    "io.watchkeeper.units",
                    "io.watchkeeper.problem")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule settingsKnowOnlyFailover = onlyDependsOn(
            "io.watchkeeper.toolkit.settings",
            "io.watchkeeper.toolkit.failover",
            "io.watchkeeper.postgres",
            "io.watchkeeper.review",
            "io.watchkeeper.files",
            "io.watchkeeper.units",
            "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule checksKnowOnlyReviews = onlyDependsOn(
            "io.watchkeeper.toolkit.check",
            "io.watchkeeper.postgres",
            "io.watchkeeper.review",
            "io.watchkeeper.measures",
            "io.watchkeeper.files",
            "io.watchkeeper.units",
            "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule archiveStandsBelowBackups = onlyDependsOn(
            "io.watchkeeper.toolkit.wal",
            "io.watchkeeper.postgres",
            "io.watchkeeper.protection",
            "io.watchkeeper.files",
            "io.watchkeeper.units",
            "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule backupsKnowOnlyTheArchive = onlyDependsOn(
            "io.watchkeeper.toolkit.backup",
            "io.watchkeeper.toolkit.wal",
            "io.watchkeeper.postgres",
            "io.watchkeeper.protection",
            "io.watchkeeper.review",
            "io.watchkeeper.files",
            "io.watchkeeper.units",
            "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule restoresKnowOnlyBackups = onlyDependsOn(
                    "io.watchkeeper.toolkit.pitr",
                    "io.watchkeeper.toolkit.backup",
                    "io.watchkeeper.toolkit.wal",
                    "io.watchkeeper.postgres",
                    "io.watchkeeper.protection",
                    "io.watchkeeper.files",
                    "io.watchkeeper.units",
                    "io.watchkeeper.problem")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule maintenanceKnowsNoOtherTool = onlyDependsOn(
            "io.watchkeeper.toolkit.maintenance",
            "io.watchkeeper.postgres",
            "io.watchkeeper.review",
            "io.watchkeeper.measures",
            "io.watchkeeper.files",
            "io.watchkeeper.units",
            "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule partitionsKnowOnlyBackups = onlyDependsOn(
            "io.watchkeeper.toolkit.partition",
            "io.watchkeeper.toolkit.backup",
            "io.watchkeeper.postgres",
            "io.watchkeeper.review",
            "io.watchkeeper.measures",
            "io.watchkeeper.files",
            "io.watchkeeper.units",
            "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule tenantsKnowOnlyBackups = onlyDependsOn(
            "io.watchkeeper.toolkit.tenant",
            "io.watchkeeper.toolkit.backup",
            "io.watchkeeper.postgres",
            "io.watchkeeper.review",
            "io.watchkeeper.units",
            "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule objectivesKnowNoOtherTool = onlyDependsOn(
            "io.watchkeeper.toolkit.slo",
            "io.watchkeeper.postgres",
            "io.watchkeeper.review",
            "io.watchkeeper.measures",
            "io.watchkeeper.files",
            "io.watchkeeper.units",
            "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule surfacesNeverTouchTheToolkit = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.watchkeeper.cli..",
                    "io.watchkeeper.http..",
                    "io.watchkeeper.schedule..",
                    "io.watchkeeper.metrics..",
                    "io.watchkeeper.history..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.watchkeeper.toolkit.."));

    @ArchTest
    static final ArchRule doctorKnowsOnlyConfigurationAndPostgres = onlyDependsOn(
            "io.watchkeeper.doctor",
            "io.watchkeeper.config",
            "io.watchkeeper.access",
            "io.watchkeeper.audit",
            "io.watchkeeper.trust",
            "io.watchkeeper.postgres",
            "io.watchkeeper.protection",
            "io.watchkeeper.replicas",
            "io.watchkeeper.files",
            "io.watchkeeper.units",
            "io.watchkeeper.problem");

    @ArchTest
    static final ArchRule nothingThatRunsAsksTheDoctor = noClasses()
            .that()
            .resideOutsideOfPackages("io.watchkeeper", "io.watchkeeper.cli..", "io.watchkeeper.doctor")
            .should()
            .dependOnClassesThat(resideInAPackage("io.watchkeeper.doctor"));

    @ArchTest
    static final ArchRule groovyOnlyInDsl =
            library("io.watchkeeper.dsl..", "groovy..", "org.codehaus.groovy..", "org.apache.groovy..");

    @ArchTest
    static final ArchRule quartzOnlyInSchedule = library("io.watchkeeper.schedule..", "org.quartz..");

    @ArchTest
    static final ArchRule javalinOnlyInHttp = library("io.watchkeeper.http..", "io.javalin..", "org.eclipse.jetty..");

    @ArchTest
    static final ArchRule prometheusOnlyInMetrics = library("io.watchkeeper.metrics..", "io.prometheus..");

    @ArchTest
    static final ArchRule hikariOnlyInPostgres = library("io.watchkeeper.postgres..", "com.zaxxer..");

    @ArchTest
    static final ArchRule picocliOnlyInCli = library("io.watchkeeper.cli..", "picocli..");

    @ArchTest
    static final ArchRule sqliteOnlyInHistory = library("io.watchkeeper.history..", "org.sqlite..");

    @ArchTest
    static final ArchRule timeComesFromAClock = noClasses()
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(LocalDate.class, "now")
            .orShould()
            .callMethod(LocalDateTime.class, "now")
            .orShould()
            .callMethod(ZonedDateTime.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule onlyTheMainClassReadsTheSystemClock = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("io.watchkeeper.AgentMain")
            .should()
            .callMethod(Clock.class, "systemUTC")
            .orShould()
            .callMethod(Clock.class, "systemDefaultZone")
            .orShould()
            .callMethod(System.class, "exit", int.class);

    @ArchTest
    static final ArchRule namesSayWhatThingsAre = noClasses()
            .should()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameEndingWith("Service");

    @ArchTest
    static final ArchRule specsAreTheLanguage = classes()
            .that()
            .haveSimpleNameEndingWith("Spec")
            .should()
            .resideInAPackage("io.watchkeeper.dsl..")
            .allowEmptyShould(true);

    private static ArchRule onlyDependsOn(String thePackage, String... allowed) {
        String[] all = java.util.Arrays.copyOf(allowed, allowed.length + 1);
        all[allowed.length] = thePackage;
        return noClasses().that().resideInAPackage(thePackage).should().dependOnClassesThat(ours().and(not(all)));
    }

    private static ArchRule library(String where, String... packages) {
        return noClasses()
                .that(resideOutsideOfPackages(where))
                .should()
                .dependOnClassesThat(resideInAnyPackage(packages));
    }

    private static DescribedPredicate<JavaClass> ours() {
        return resideInAPackage("io.watchkeeper..");
    }

    private static DescribedPredicate<JavaClass> not(String... packages) {
        return resideOutsideOfPackages(packages);
    }
}
