/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.agent.Product;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** Options of commands that compare the products. */
final class RunOptions {
  @Option(names = "--rounds", defaultValue = "5", description = "Of each (${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--flume-rounds",
      description = "Of Flume, where it takes long (as many as --rounds).")
  private Integer flumeRounds;

  @Option(
      names = "--products",
      split = ",",
      defaultValue = "MILLRACE,FLUME",
      description = "Of ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  private Set<Product> products = EnumSet.noneOf(Product.class);

  @Option(names = "--heap", defaultValue = "1g", description = "Of each JVM (${DEFAULT-VALUE}).")
  private String heap;

  @Option(
      names = "--jvm-option",
      description = "Given to both agents' JVMs, with its dash; may be repeated.")
  private List<String> jvmOptions = new ArrayList<>();

  @Option(
      names = "--name",
      description = "Of the result files in bench/results (the command's name).")
  private String name;

  /** One round of one product. */
  @FunctionalInterface
  interface Round<T> {
    T measure(Product product, int round) throws Exception;
  }

  List<String> agentJvmOptions() {
    List<String> options = new ArrayList<>(List.of("-Xmx" + heap));
    options.addAll(jvmOptions);
    return options;
  }

  Set<Product> products() {
    return products;
  }

  /** A sentence that belongs to every report. */
  String conditions() {
    return "Agents started with "
        + String.join(" ", agentJvmOptions())
        + "; "
        + roundsText()
        + "; median (lowest to highest).";
  }

  private String roundsText() {
    if (roundsOf(Product.FLUME) == rounds) {
      return rounds == 1 ? "one round" : rounds + " rounds in turn";
    }
    return "rounds in turn: " + rounds + " of Millrace, " + roundsOf(Product.FLUME) + " of Flume";
  }

  private int roundsOf(Product product) {
    return switch (product) {
      case MILLRACE -> rounds;
      case FLUME -> flumeRounds == null ? rounds : flumeRounds;
    };
  }

  /** All rounds of all products; who goes first changes from round to round. */
  <T> List<T> inTurn(Round<T> task) throws Exception {
    return inTurn(products, task);
  }

  /** The same for some of the products. */
  <T> List<T> inTurn(Set<Product> products, Round<T> task) throws Exception {
    List<T> results = new ArrayList<>();
    int lastRound = products.stream().mapToInt(this::roundsOf).max().orElse(0);
    for (int round = 1; round <= lastRound; round++) {
      List<Product> turn = new ArrayList<>(products);
      if (round % 2 == 0) {
        Collections.reverse(turn);
      }
      for (Product product : turn) {
        if (round <= roundsOf(product)) {
          results.add(task.measure(product, round));
        }
      }
    }
    return results;
  }

  /** Measures, prints the page and leaves the result files of that command. */
  int report(String command, String conditions, Object settings, Reports.Body body)
      throws Exception {
    return Reports.measure(
        name == null ? command : name, conditions + " " + conditions(), settings, body);
  }
}
