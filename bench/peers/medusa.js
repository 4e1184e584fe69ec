// node medusa.js ORG: Medusa's promotion module beside a database of its own, which it migrates and fills itself with
// the equivalent of each of the organization's offers. Then it answers a line "LINES SECONDS" by computing the carts of
// that many lines in turn until the time is up, with a line "NUMBER MS DISCOUNT" for each and a last line ".".
const readline = require("node:readline")
const { Client } = require("pg")
const { MedusaModule } = require("@medusajs/framework/modules-sdk")

console.log = console.error   // Medusa's log of its migrations
const say = (line) => process.stdout.write(`${line}\n`)

const org = Number(process.argv[2])
const { PGHOST, PGPORT, PGUSER } = process.env
const url = (database) => `postgres://${PGUSER}@${encodeURIComponent(PGHOST)}:${PGPORT}/${database}`
const modulePath = require.resolve("@medusajs/promotion")
const options = { database: { clientUrl: url(`medusa_${org}`), driverOptions: { connection: { ssl: false } } } }

// A category's and a SKU's rule are on the attributes that Medusa's own dashboard offers, a brand's on the collection.
const ATTRIBUTE = { SKU: "items.product.id", CATEGORY: "items.product.categories.id", BRAND: "items.product.collection_id" }

// A percentage is off all units of a matching line, an amount once off each: hence the quantities.
function promotion(offer) {
  const ofLines = offer.kind !== "CART"
  const ofPercentage = offer.percent !== null
  return {
    code: `offer ${offer.offer_id}`,
    type: "standard",
    status: "active",
    is_automatic: true,
    rules: ofLines ? [] : [{ attribute: "subtotal", operator: "gte", values: [offer.minimum] }],
    application_method: {
      type: ofPercentage ? "percentage" : "fixed",
      value: Number(offer.percent ?? offer.amount),
      currency_code: "eur",
      ...(ofLines
        ? {
            target_type: "items", allocation: "each", max_quantity: ofPercentage ? 1000 : 1,
            target_rules: [{ attribute: ATTRIBUTE[offer.kind], operator: "in", values: [offer.target] }],
          }
        : { target_type: "order", allocation: "across" }),
    },
  }
}

function context(cart) {
  return {
    currency_code: "eur",
    subtotal: Number(cart.amount),
    items: cart.cartItems.map(({ sku, qty, amount, categoryList, brandList }, n) => ({
      id: `line ${n}`, quantity: Number(qty), subtotal: Number(amount), original_total: Number(amount),
      product: { id: sku, categories: categoryList.map((id) => ({ id })), collection_id: brandList[0] },
    })),
  }
}

async function main() {
  const workload = new Client({ connectionString: url("postgres") })
  await workload.connect()
  await workload.query(`CREATE DATABASE medusa_${org}`)
  await MedusaModule.migrateUp({ moduleKey: "promotion", modulePath, options })
  const { promotion: promotions } = await MedusaModule.bootstrap({
    moduleKey: "promotion", defaultPath: modulePath, declaration: { scope: "internal", options },
  })
  const offers = await workload.query("SELECT * FROM offer WHERE org_id = $1 ORDER BY offer_id", [org])
  for (let n = 0; n < offers.rows.length; n += 100) {
    await promotions.createPromotions(offers.rows.slice(n, n + 100).map(promotion))
  }
  const own = new Client({ connectionString: url(`medusa_${org}`) })
  await own.connect()
  await own.query("VACUUM ANALYZE")
  await own.end()

  const carts = {}
  for (const { lines, number, body } of (await workload.query("SELECT * FROM cart ORDER BY lines, number")).rows) {
    (carts[lines] ??= []).push([number, context(body)])
  }
  await workload.end()
  say("ready")
  for await (const request of readline.createInterface({ input: process.stdin })) {
    const [lines, seconds] = request.split(" ").map(Number)
    const start = performance.now()
    do {
      const [number, cart] = carts[lines][0]
      carts[lines].push(carts[lines].shift())
      const before = performance.now()
      const actions = await promotions.computeActions([], cart)
      const ms = performance.now() - before
      const discount = actions.reduce((sum, { action, amount }) => sum + (action === "addItemAdjustment" ? Number(amount) : 0), 0)
      say(`${number} ${ms.toFixed(3)} ${discount.toFixed(2)}`)
    } while (performance.now() - start < seconds * 1000)
    say(".")
  }
  process.exit()
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
