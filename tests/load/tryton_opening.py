#!/usr/bin/env python3
"""Opens a dealership in an empty Tryton database, through proteus: company, chart of accounts, VAT, a customer, the
labour and the parts a sale order takes, with stock. Prints as JSON the record ids an order needs. Called by
tryton_house.py: tryton_opening.py CONFIG DATABASE_URI PARTS."""
import datetime
import json
import sys
from decimal import Decimal

from proteus import Model, Wizard, config

PIECES_IN_STOCK = 1_000_000.0


def open_company(session):
    currency = Model.get("currency.currency")(name="Renminbi", code="CNY", symbol="¥", rounding=Decimal("0.01"))
    currency.save()
    Model.get("currency.currency.rate")(date=datetime.date.min, rate=Decimal(1), currency=currency).save()
    party = Model.get("party.party")(name="Dealer")
    party.save()
    wizard = Wizard("company.company.config")
    wizard.execute("company")
    wizard.form.party = party
    wizard.form.currency = currency
    wizard.execute("add")
    session._context = Model.get("res.user").get_preferences(True, {})
    company, = Model.get("company.company").find()
    return company, currency


def create_chart(company):
    template, = Model.get("ir.model.data").find(
        [("module", "=", "account"), ("fs_id", "=", "account_template_root_en")], limit=1)
    Account = Model.get("account.account")

    def of_type(kind):
        account, = Account.find([(f"type.{kind}", "=", True), ("company", "=", company.id)], limit=1)
        return account

    wizard = Wizard("account.create_chart")
    wizard.execute("account")
    wizard.form.account_template = Model.get("account.account.template")(template.db_id)
    wizard.form.company = company
    wizard.execute("create_account")
    wizard.form.account_receivable = of_type("receivable")
    wizard.form.account_payable = of_type("payable")
    wizard.execute("create_properties")
    tax_account, = Account.find([("company", "=", company.id), ("name", "=", "Main Tax")], limit=1)
    return of_type("revenue"), of_type("expense"), tax_account


def vat(account):
    tax = Model.get("account.tax")(name="VAT 13 %", description="VAT 13 %", type="percentage", rate=Decimal("0.13"))
    tax.invoice_account = account
    tax.credit_note_account = account
    tax.save()
    return tax


def product(name, kind, unit, price, category):
    template = Model.get("product.template")(name=name, type=kind, salable=True, list_price=Decimal(price))
    template.default_uom = unit
    template.account_category = category
    template.save()
    made, = template.products
    return made


def receive(products):
    storage, = Model.get("stock.location").find([("code", "=", "STO")])
    inventory = Model.get("stock.inventory")(location=storage)
    for part in products:
        line = inventory.lines.new(product=part)
        line.quantity = PIECES_IN_STOCK
        line.expected_quantity = 0.0
    inventory.click("confirm")


def main(config_file, database_uri, parts):
    session = config.set_trytond(database_uri, config_file=config_file)
    company, currency = open_company(session)
    revenue, expense, tax_account = create_chart(company)
    tax = vat(tax_account)
    category = Model.get("product.category")(name="After-sales", accounting=True)
    category.account_revenue = revenue
    category.account_expense = expense
    category.customer_taxes.append(tax)
    category.save()
    Unit = Model.get("product.uom")
    hour, = Unit.find([("name", "=", "Hour")])
    litre, = Unit.find([("name", "=", "Liter")])
    labour = product("Engine oil and filter change", "service", hour, "240", category)
    oils = [product(f"Engine oil 5W-30 no. {i + 1}", "goods", litre, "98", category) for i in range(parts)]
    receive(oils)
    customer = Model.get("party.party")(name="Fleet")
    customer.save()
    warehouse, = Model.get("stock.location").find([("code", "=", "WH")])
    print(json.dumps({
        "company": company.id, "currency": currency.id, "party": customer.id, "address": customer.addresses[0].id,
        "warehouse": warehouse.id, "tax": tax.id, "hour": hour.id, "litre": litre.id, "labour": labour.id,
        "oils": [oil.id for oil in oils]}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
