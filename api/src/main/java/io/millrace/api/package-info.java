/* SPDX-License-Identifier: Apache-2.0 */
/** What a component author sees: the event batch, the component contracts and their options. */
package io.millrace.api;
