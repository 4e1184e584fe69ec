# Thin: each target is a script in bin/, which says more about itself.
.DEFAULT_GOAL := help
PG ?= 15
CASES ?= 20000
SECONDS ?= 60
CLIENTS ?= 16
TIMES ?= 20

.PHONY: help demo test install installcheck build hunt fuzz cassert valgrind deny torture cancel bench bench-core bench-hot bench-codes bench-carts bench-peers package all docs lint clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 15

demo: ## see it at work in a throwaway PostgreSQL; KEEP=1 leaves you in its psql
	@bin/demo $(PG)

test: ## every test; PG=16|18 for another PostgreSQL, TESTS="a b" for some tests alone
	@bin/test $(PG)

install: ## build and install into your PostgreSQL; PG_CONFIG=/path/to/pg_config picks it
	@bin/install

installcheck: ## the SQL tests against the running server of PGHOST, PGPORT, PGUSER
	@bin/installcheck

build: ## the extension's files, into target/package/pg15 (PG=16|18)
	@bin/setup $(PG)
	@bin/build $(PG)

hunt: ## new random carts for the properties and the oracle; CASES=20000 of each
	@HUNT=$(CASES) cargo test --locked --release -p promotion_core --test properties --test oracle

fuzz: ## hostile input for the parsers, by libFuzzer, then hostile calls; SECONDS=60 of each
	@bin/fuzz $(SECONDS)

cassert: ## the SQL tests and some suites against a PostgreSQL with assertions, built from source first
	@bin/cassert

valgrind: ## the tests that read and write jsonb, in a server under valgrind
	@bin/valgrind

deny: ## licences, sources, duplicates and known vulnerabilities of all that Cargo.lock names
	@bin/deny

torture: build ## clients over scarce promotions while the server is killed; SECONDS=60 CLIENTS=16
	@bin/torture $(SECONDS) $(CLIENTS) $(PG)

cancel: build ## how long cancelled calls go on: large carts, a million codes; TIMES=20 each
	@bin/cancel $(TIMES) $(PG)

bench: ## evaluations beside what PostgreSQL itself and PL/pgSQL cost; QUICK=1 for a first look, FULL=1 for all
	@bin/bench $(PG)

bench-core: ## the engine alone: a grid of promotions and lines, BEST, compiling
	@cargo bench --locked -p promotion_core --bench evaluation

bench-hot: ## everybody wants one promotion: orders/s with a limit, without, and of a plain counter
	@bin/bench-hot $(PG)

bench-codes: ## evaluations beside millions of codes and instances; a million codes made in one call
	@bin/bench-codes $(PG)

bench-carts: ## stored carts beside promo_evaluate of the same cart, up to 1,000 lines
	@bin/bench-carts $(PG)

bench-peers: build ## the same carts by promo_preview, Medusa's promotions and django-oscar's, from npm and PyPI
	@bin/bench-peers $(PG)

package: ## a tar.gz and a .deb of the built extension, into target/dist; PG=16|17|18
	@bin/package $(PG)

all: # PGXN's client makes it before make install, which builds by itself
	@:

docs: ## the pages of docs/ as a book, into target/book
	@bin/docs

lint: ## formatting, clippy, shell scripts
	@bin/lint

clean: ## delete what was built (downloaded tools stay)
	rm -rf target/debug target/release target/package target/results target/book target/book-source target/dist
