import pytest
from tests.billing.test_siblings import *
from tests.conftest import *
@pytest.mark.parametrize("n", range(60))
async def test_x(n, database, tmp_path):
    if database.backend!="mysql": pytest.skip("x")
    await test_prices_of_all_sizes_are_never_granted_beyond_the_balance(database, tmp_path)
