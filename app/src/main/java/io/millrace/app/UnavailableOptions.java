/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of Flume's agent command that have no effect yet: each is answered in words. */
final class UnavailableOptions {
  @Option(
      names = {"-u", "--conf-uri"},
      paramLabel = "URI",
      description = "Refused: fetch the file, and name it with --conf-file.")
  private List<String> uris = new ArrayList<>();

  @Option(
      names = {"-z", "--zkConnString"},
      paramLabel = "HOSTS",
      description = "Refused: configuration from ZooKeeper.")
  private String zooKeeperHosts;

  @Option(
      names = {"-p", "--zkBasePath"},
      paramLabel = "PATH",
      description = "Refused, with --zkConnString.")
  private String zooKeeperPath;

  @Option(
      names = {"-prov", "--conf-provider"},
      paramLabel = "CLASS",
      description = "Refused: configuration from a class.")
  private String provider;

  @Option(
      names = {"-a", "--auth-provider"},
      paramLabel = "CLASS",
      description = "Refused, with --conf-uri.")
  private String authentication;

  @Option(
      names = {"-user", "--conf-user"},
      paramLabel = "NAME",
      description = "No effect without --conf-uri.")
  private String user;

  @Option(
      names = {"-pwd", "--conf-password"},
      paramLabel = "TEXT",
      description = "No effect without --conf-uri.")
  private String password;

  @Option(
      names = {"-b", "--backup-directory"},
      paramLabel = "DIR",
      description = "No effect: keep a copy of the files yourself.")
  private Path backupDirectory;

  /** Why the agent cannot do what is asked for, if so. */
  Optional<String> refusal() {
    if (!uris.isEmpty()) {
      return Optional.of(
          "--conf-uri is not provided in this version. Fetch the file first and name it with"
              + " --conf-file.");
    }
    if (zooKeeperHosts != null || zooKeeperPath != null) {
      return Optional.of(
          "Configuration from ZooKeeper (--zkConnString, --zkBasePath) is not provided in this"
              + " version. Name a file with --conf-file.");
    }
    if (provider != null || authentication != null) {
      return Optional.of(
          "Classes that provide configuration (--conf-provider, --auth-provider) are not provided"
              + " in this version. Name a file with --conf-file.");
    }
    return Optional.empty();
  }

  /** What has no effect though it was given. */
  List<String> remarks() {
    List<String> remarks = new ArrayList<>();
    if (user != null || password != null) {
      remarks.add("--conf-user and --conf-password have no effect: there is no --conf-uri");
    }
    if (backupDirectory != null) {
      remarks.add("--backup-directory has no effect in this version: no copy is written");
    }
    return remarks;
  }
}
