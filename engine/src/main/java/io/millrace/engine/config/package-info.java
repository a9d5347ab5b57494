/**
 * Configuration files to checked agents. {@link io.millrace.engine.config.ConfigurationLoader}
 * reads files of Apache Flume's form and gives a {@link io.millrace.engine.config.Configuration},
 * which checks an agent and gives its definition and everything that is wrong with it.
 *
 * <p>Below: {@code properties} is the text, {@code declaration} what components declare, {@code
 * binding} brings the two together, {@code problem} is what is said about it.
 */
package io.millrace.engine.config;
