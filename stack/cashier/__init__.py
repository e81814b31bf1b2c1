"""The cashier: stands in for the payment providers on this machine. It speaks the sandbox's language, Alipay's and
WeChat's, signs as they do, and is the buyer's phone as well. No money moves."""
