/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;

/** Who may know whom. The modules' dependencies say most of it; this says the rest. */
@AnalyzeClasses(packages = "io.millrace", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  private static final List<String> PARTS =
      List.of(
          "api",
          "journal",
          "kit",
          "engine",
          "rpc",
          "components",
          "connectors",
          "client",
          "embedded",
          "app");

  @ArchTest
  static final ArchRule theApiKnowsOnlyTheJdk =
      noClasses()
          .that()
          .resideInAPackage("io.millrace.api..")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages("io.millrace.api..", "java..", "javax..");

  @ArchTest
  static final ArchRule theJournalKnowsOnlyTheJdk =
      noClasses()
          .that()
          .resideInAPackage("io.millrace.journal..")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages(
              "io.millrace.journal..", "java..", "javax..", "com.sun.nio.file..");

  @ArchTest static final ArchRule theKitKnowsTheApi = knowsOnly("kit", "api");

  @ArchTest static final ArchRule theEngineKnowsNoComponent = knowsOnly("engine", "api");

  @ArchTest static final ArchRule theHopsKnowApiAndKit = knowsOnly("rpc", "api", "kit");

  @ArchTest
  static final ArchRule componentsDoNotKnowTheEngine =
      knowsOnly("components", "api", "kit", "rpc", "journal");

  @ArchTest static final ArchRule connectorsKnowApiAndKit = knowsOnly("connectors", "api", "kit");

  @ArchTest
  static final ArchRule connectorsKnowNotEachOther =
      slices().matching("io.millrace.connectors.(*)..").should().notDependOnEachOther();

  @ArchTest static final ArchRule clientsKnowTheHops = knowsOnly("client", "api", "kit", "rpc");

  @ArchTest
  static final ArchRule theEmbeddedAgentKnowsNotTheCommand =
      knowsOnly("embedded", "api", "kit", "engine", "components", "client");

  // Whoever uses one must not need the jars of the other.
  @ArchTest
  static final ArchRule noClientNeedsALoggingFrameworkButItsOwn =
      noClasses()
          .that()
          .resideInAnyPackage("io.millrace.client", "io.millrace.client.logging")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.logging..",
              "ch.qos.logback..",
              "io.millrace.client.log4j2..",
              "io.millrace.client.logback..");

  @ArchTest
  static final ArchRule theLog4jAppenderKnowsNoLogback =
      noClasses()
          .that()
          .resideInAPackage("io.millrace.client.log4j2..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ch.qos.logback..", "io.millrace.client.logback..");

  @ArchTest
  static final ArchRule theLogbackAppenderKnowsNoLog4j =
      noClasses()
          .that()
          .resideInAPackage("io.millrace.client.logback..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.logging..", "io.millrace.client.log4j2..");

  private static ArchRule knowsOnly(String part, String... known) {
    List<String> others = new ArrayList<>(PARTS);
    others.remove(part);
    others.removeAll(List.of(known));
    return noClasses()
        .that()
        .resideInAPackage("io.millrace." + part + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            others.stream().map(other -> "io.millrace." + other + "..").toArray(String[]::new))
        .allowEmptyShould(true);
  }
}
